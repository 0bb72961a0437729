"""Chat Completions byte by byte, whole and as a stream."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.playground.model_answer import Answer, Call, Piece
from bot.playground.model_asked import count_tokens
from bot.playground.model_wire import cached
from bot.playground.shapes import Json


@dataclass(slots=True)
class ChatWire:
    """One chat completion. Every chunk carries the same id, time and model."""

    model: str
    prompt_tokens: int
    include_usage: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))
    _calls_begun: int = 0

    def opening(self) -> bytes:
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def piece(self, piece: Piece) -> bytes:
        if isinstance(piece, str):
            return self._chunk({"content": piece})
        frames = b""
        if piece.index == self._calls_begun:
            self._calls_begun += 1
            frames = self._call(piece.index, **_call(piece.call, ""))
        return frames + self._call(piece.index, function={"arguments": piece.arguments})

    def closing(self, answer: Answer) -> bytes:
        end = self._chunk({}, _finish(answer))
        if self.include_usage:
            end += self._frame([], self._usage(answer))
        return end + b"data: [DONE]\n\n"

    def whole(self, answer: Answer) -> Json:
        message: Json = {
            "role": "assistant",
            "content": answer.text or (None if answer.calls else ""),
            "refusal": None,
            "annotations": [],
        }
        if answer.calls:
            message["tool_calls"] = [_call(call, call.arguments) for call in answer.calls]
        choice: Json = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _finish(answer),
        }
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
            "usage": self._usage(answer),
            "service_tier": "default",
            "system_fingerprint": "fp_playground",
        }

    def _usage(self, answer: Answer) -> Json:
        completion = written_tokens(answer)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
            "prompt_tokens_details": {
                "cached_tokens": cached(self.prompt_tokens),
                "audio_tokens": 0,
            },
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def _call(self, index: int, **fields: Any) -> bytes:
        return self._chunk({"tool_calls": [{"index": index, **fields}]})

    def _chunk(self, delta: Json, finish: str | None = None) -> bytes:
        return self._frame(
            [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        )

    def _frame(self, choices: list[Json], usage: Json | None = None) -> bytes:
        chunk: Json = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_playground",
            "choices": choices,
        }
        if usage:
            chunk["usage"] = usage
        return b"data: " + orjson.dumps(chunk) + b"\n\n"


def written_tokens(answer: Answer) -> int:
    return count_tokens(answer.text) + sum(count_tokens(call.arguments) for call in answer.calls)


def _finish(answer: Answer) -> str:
    return "length" if answer.short else "tool_calls" if answer.calls else "stop"


def _call(call: Call, arguments: str) -> Json:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }
