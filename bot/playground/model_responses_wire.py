"""The Responses API byte by byte, whole and as a stream."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.playground.model_answer import Answer, Call, CallPiece, Piece
from bot.playground.model_asked import Asked
from bot.playground.model_chat_wire import written_tokens
from bot.playground.model_wire import cached, new_id
from bot.playground.shapes import Json

ENCRYPTED = "reasoning.encrypted_content"


@dataclass(slots=True)
class ResponsesWire:
    """One response. Events are numbered from 0 without gaps; an item is closed before the next
    one is opened."""

    asked: Asked
    request: Json
    id: str = field(default_factory=lambda: new_id("resp"))
    created: int = field(default_factory=lambda: int(time.time()))
    _sequence: int = -1
    _done: list[Json] = field(default_factory=list[Json])
    _open: Json | None = None
    _written: str = ""

    def opening(self) -> bytes:
        started = self._snapshot("in_progress", [], None)
        frames = self._event("response.created", response=started)
        frames += self._event("response.in_progress", response=started)
        if self.asked.reasoning:
            frames += self._begin(self._reasoning())
            frames += self._end("completed")
        return frames

    def piece(self, piece: Piece) -> bytes:
        frames = self._turn_to(piece)
        if isinstance(piece, str):
            self._written += piece
            return frames + self._event(
                "response.output_text.delta", **self._place(part=True), delta=piece, logprobs=[]
            )
        self._written += piece.arguments
        return frames + self._event(
            "response.function_call_arguments.delta", **self._place(), delta=piece.arguments
        )

    def closing(self, answer: Answer) -> bytes:
        status = "incomplete" if answer.short else "completed"
        frames = self._end(status)
        response = self._snapshot(status, self._done, answer)
        return frames + self._event(f"response.{status}", response=response)

    def whole(self, answer: Answer) -> Json:
        status = "incomplete" if answer.short else "completed"
        output = [self._reasoning()] if self.asked.reasoning else []
        if answer.text or not answer.calls:
            output.append(_message(new_id("msg"), answer.text, status))
        output += [_call(new_id("fc"), call, call.arguments, status) for call in answer.calls]
        return self._snapshot(status, output, answer)

    def _turn_to(self, piece: Piece) -> bytes:
        """Close the open item and open the one this piece belongs to, where it is another."""
        item = self._open
        if isinstance(piece, str):
            if item and item["type"] == "message":
                return b""
            frames = self._end("completed")
            frames += self._begin(_message(new_id("msg"), None, "in_progress"))
            part = self._place(part=True)
            return frames + self._event("response.content_part.added", **part, part=_part(""))
        if item and item.get("call_id") == piece.call.id:
            return b""
        return self._end("completed") + self._begin(_opened(piece))

    def _begin(self, item: Json) -> bytes:
        self._open, self._written = item, ""
        place = {"output_index": len(self._done)}
        return self._event("response.output_item.added", **place, item=item)

    def _end(self, status: str) -> bytes:
        if (item := self._open) is None:
            return b""
        text, frames = self._written, b""
        place = self._place(part=item["type"] == "message")
        if item["type"] == "message":
            frames += self._event("response.output_text.done", **place, text=text, logprobs=[])
            frames += self._event("response.content_part.done", **place, part=_part(text))
            item = _message(item["id"], text, status)
        elif item["type"] == "function_call":
            name = item["name"]
            frames += self._event(
                "response.function_call_arguments.done", **place, name=name, arguments=text
            )
            item = {**item, "arguments": text, "status": status}
        place = {"output_index": len(self._done)}
        self._done.append(item)
        self._open = None
        return frames + self._event("response.output_item.done", **place, item=item)

    def _reasoning(self) -> Json:
        """Its content only for those who asked for it: without, it can't be handed back."""
        item: Json = {"id": new_id("rs"), "type": "reasoning", "summary": []}
        if ENCRYPTED in (self.request.get("include") or []):
            item["encrypted_content"] = secrets.token_urlsafe(96)
        return item

    def _snapshot(self, status: str, output: list[Json], answer: Answer | None) -> Json:
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
            "model": self.asked.model,
            "output": output,
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
            "usage": self._usage(answer) if answer else None,
            "metadata": asked.get("metadata") or {},
        }

    def _usage(self, answer: Answer) -> Json:
        prompt, output = self.asked.prompt_tokens, written_tokens(answer)
        return {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": cached(prompt), "cache_write_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": prompt + output,
        }

    def _place(self, *, part: bool = False) -> Json:
        item = self._open or {}
        place: Json = {"item_id": item.get("id"), "output_index": len(self._done)}
        return place | {"content_index": 0} if part else place

    def _event(self, kind: str, **content: Any) -> bytes:
        self._sequence += 1
        body = orjson.dumps({"type": kind, "sequence_number": self._sequence, **content})
        return b"event: " + kind.encode() + b"\ndata: " + body + b"\n\n"


def _message(item_id: str, text: str | None, status: str) -> Json:
    return {
        "id": item_id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [] if text is None else [_part(text)],
    }


def _opened(piece: CallPiece) -> Json:
    return _call(new_id("fc"), piece.call, "", "in_progress")


def _call(item_id: str, call: Call, arguments: str, status: str) -> Json:
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "call_id": call.id,
        "name": call.name,
        "arguments": arguments,
    }


def _part(text: str) -> Json:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}
