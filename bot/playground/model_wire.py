"""OpenAI's answers byte by byte: Chat Completions and Responses, whole and as streams."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from bot.playground.model_conduct import count_tokens
from bot.playground.shapes import Json


def _id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(16)}"


class Wire(Protocol):
    """`short` tells that the answer was ended by the caller's limit of tokens."""

    def opening(self) -> bytes: ...

    def delta(self, piece: str) -> bytes: ...

    def closing(self, text: str, short: bool) -> bytes: ...

    def whole(self, text: str, short: bool) -> Json: ...


@dataclass(slots=True)
class ChatWire:
    """One chat completion. Every chunk carries the same id, time and model."""

    model: str
    prompt_tokens: int
    include_usage: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def opening(self) -> bytes:
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def delta(self, piece: str) -> bytes:
        return self._chunk({"content": piece})

    def closing(self, text: str, short: bool) -> bytes:
        end = self._chunk({}, "length" if short else "stop")
        if self.include_usage:
            end += self._frame([], self._usage(text))
        return end + b"data: [DONE]\n\n"

    def whole(self, text: str, short: bool) -> Json:
        message: Json = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        choice: Json = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": "length" if short else "stop",
        }
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
            "usage": self._usage(text),
            "service_tier": "default",
            "system_fingerprint": "fp_playground",
        }

    def _usage(self, text: str) -> Json:
        completion = count_tokens(text)
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


@dataclass(slots=True)
class ResponsesWire:
    """One response. Events are numbered from 0 without gaps."""

    model: str
    request: Json
    prompt_tokens: int
    id: str = field(default_factory=lambda: _id("resp"))
    item_id: str = field(default_factory=lambda: _id("msg"))
    created: int = field(default_factory=lambda: int(time.time()))
    _sequence: int = -1

    def opening(self) -> bytes:
        started = self._snapshot("", "in_progress")
        item: Json = {
            "id": self.item_id,
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        return (
            self._event("response.created", response=started)
            + self._event("response.in_progress", response=started)
            + self._event("response.output_item.added", output_index=0, item=item)
            + self._event("response.content_part.added", **self._place(), part=_part(""))
        )

    def delta(self, piece: str) -> bytes:
        return self._event("response.output_text.delta", **self._place(), delta=piece, logprobs=[])

    def closing(self, text: str, short: bool) -> bytes:
        status = "incomplete" if short else "completed"
        return (
            self._event("response.output_text.done", **self._place(), text=text, logprobs=[])
            + self._event("response.content_part.done", **self._place(), part=_part(text))
            + self._event(
                "response.output_item.done", output_index=0, item=self._item(text, status)
            )
            + self._event(f"response.{status}", response=self._snapshot(text, status))
        )

    def whole(self, text: str, short: bool) -> Json:
        return self._snapshot(text, "incomplete" if short else "completed")

    def _snapshot(self, text: str, status: str) -> Json:
        over = status != "in_progress"
        asked = self.request
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "completed_at": int(time.time()) if status == "completed" else None,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"}
            if status == "incomplete"
            else None,
            "instructions": asked.get("instructions"),
            "max_output_tokens": asked.get("max_output_tokens"),
            "model": self.model,
            "output": [self._item(text, status)] if over else [],
            "parallel_tool_calls": asked.get("parallel_tool_calls", True),
            "previous_response_id": None,
            "reasoning": asked.get("reasoning") or {"effort": None, "summary": None},
            "service_tier": "default",
            "store": asked.get("store", True),
            "temperature": asked.get("temperature") or 1.0,
            "text": asked.get("text") or {"format": {"type": "text"}},
            "tool_choice": asked.get("tool_choice") or "auto",
            "tools": asked.get("tools") or [],
            "top_p": asked.get("top_p") or 1.0,
            "truncation": "disabled",
            "usage": self._usage(text) if over else None,
            "metadata": asked.get("metadata") or {},
        }

    def _item(self, text: str, status: str) -> Json:
        return {
            "id": self.item_id,
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [_part(text)],
        }

    def _usage(self, text: str) -> Json:
        output = count_tokens(text)
        return {
            "input_tokens": self.prompt_tokens,
            "input_tokens_details": {
                "cached_tokens": cached(self.prompt_tokens),
                "cache_write_tokens": 0,
            },
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.prompt_tokens + output,
        }

    def _place(self) -> Json:
        return {"item_id": self.item_id, "output_index": 0, "content_index": 0}

    def _event(self, kind: str, **content: Any) -> bytes:
        self._sequence += 1
        body = orjson.dumps({"type": kind, "sequence_number": self._sequence, **content})
        return b"event: " + kind.encode() + b"\ndata: " + body + b"\n\n"


def cached(prompt_tokens: int) -> int:
    """Caching works from 1024 tokens on, in steps of 128."""
    return prompt_tokens // 128 * 128 if prompt_tokens >= 1024 else 0


def _part(text: str) -> Json:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
