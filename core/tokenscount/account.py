"""What one model call was, as its row in `tokenscount` tells it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from time import monotonic
from typing import Any, cast

import orjson

from core.llm import Done, Event, ModelRequest, Progress, Started, TextDelta, Usage
from core.llm.failures import CallFailed
from core.llm.wire import identifier

# Russian text; English has about four, so an estimate errs towards too many tokens.
_CHARACTERS_PER_TOKEN = 3
# OpenAI counts 1.2 for each square of 32 by 32 pixels; this is a photo of 1280 by 960, the largest
# that Telegram makes of one. The smaller ones, again, are counted too high.
_TOKENS_PER_PICTURE = 1440
# Names come from the model, which may invent them.
_MAX_NAME = 64
_MAX_NAMES = 16


class Account:
    def __init__(self, request: ModelRequest) -> None:
        self.done: Done | None = None
        self._request = request
        self._began = monotonic()
        self._begun = False
        self._first: float | None = None
        self._characters = 0
        self._request_id: str | None = None
        self._error: BaseException | None = None

    def hear(self, event: Event) -> None:
        self._begun = True
        if self._first is None and isinstance(event, Progress | TextDelta):
            self._first = monotonic()
        if isinstance(event, TextDelta):
            self._characters += len(event.text)
        elif isinstance(event, Started):
            self._request_id = event.request_id
        elif isinstance(event, Done):
            self.done = event

    def fail(self, error: BaseException) -> None:
        self._error = error

    def row(
        self, *, meta: Mapping[str, Any], clientid: str, clienttype: str, provider: str
    ) -> dict[str, Any]:
        """The arguments of `log_tokens`."""
        used = self._usage()
        told: dict[str, Any] = {
            **meta,
            "requested_model": self._request.model,
            "effort": self._request.effort,
            "request_id": identifier(self._request_id or getattr(self._error, "request_id", None)),
            "response_id": self.done.response_id if self.done else None,
            "latency_ms": round((monotonic() - self._began) * 1000),
            "ttft_ms": None if self._first is None else round((self._first - self._began) * 1000),
            "outcome": self._outcome(),
            "error_code": self._error_code(),
            "rejected": getattr(self._error, "rejected", None),
            "finish": self.done.finish if self.done else None,
            "estimated": used.estimated,
            "cached_tokens": _detail(used.raw, "prompt", "input", "cached_tokens"),
            "cache_write_tokens": _detail(used.raw, "prompt", "input", "cache_write_tokens"),
            "reasoning_tokens": _detail(used.raw, "completion", "output", "reasoning_tokens"),
            "audio_tokens": _detail(used.raw, "completion", "output", "audio_tokens") or None,
            "tools": self._called(),
            "pictures": self._pictures() or None,
        }
        return {
            "clientid": clientid,
            "clienttype": clienttype,
            "provider": provider,
            "model": self.done.model if self.done else self._request.model,
            "prompttokens": used.prompt,
            "completiontokens": used.completion,
            "totaltokens": used.total,
            "rawusage": dict(used.raw),
            "meta": {name: value for name, value in told.items() if value is not None},
            "call_key": uuid.uuid4().hex,
        }

    def _usage(self) -> Usage:
        """What the server said; else what the length of the texts suggests."""
        told = self.done.usage if self.done else getattr(self._error, "usage", None)
        if told is not None:
            return told
        if isinstance(self._error, CallFailed) and not self._error.spent:
            return Usage(0, 0, 0)
        if not self._begun:
            # Nobody knows, but a server that never answered hardly bills, and a person's daily
            # limit must not be eaten up by five tries at a server that hangs.
            return Usage(0, 0, 0, estimated=True)
        prompt = _tokens(self._asked()) + self._pictures() * _TOKENS_PER_PICTURE
        answered = self._characters
        if self.done:
            answered += sum(len(call.name + call.arguments) for call in self.done.tool_calls)
        completion = _tokens(answered)
        return Usage(prompt, completion, prompt + completion, estimated=True)

    def _asked(self) -> int:
        """Characters of all that was sent but the pictures."""
        request = self._request
        return sum(
            len(message.content) + sum(len(c.name + c.arguments) for c in message.tool_calls)
            for message in request.messages
        ) + sum(
            len(tool.name + tool.description) + len(orjson.dumps(dict(tool.parameters)))
            for tool in request.tools
        )

    def _pictures(self) -> int:
        return sum(len(message.pictures) for message in self._request.messages)

    def _called(self) -> list[str] | None:
        calls = self.done.tool_calls if self.done else ()
        return [call.name[:_MAX_NAME] for call in calls[:_MAX_NAMES]] or None

    def _outcome(self) -> str:
        if self._error is None:
            return "ok"
        if isinstance(self._error, CallFailed):
            return self._error.outcome
        stopped = isinstance(self._error, asyncio.CancelledError | GeneratorExit)
        return "stopped" if stopped else "failed"

    def _error_code(self) -> str | None:
        if self._error is None or isinstance(self._error, asyncio.CancelledError):
            return None
        return getattr(self._error, "code", None) or type(self._error).__name__


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS_PER_TOKEN)


def _detail(raw: Mapping[str, Any], chat: str, responses: str, name: str) -> int | None:
    """The third name is that of the Realtime API."""
    names = (f"{chat}_tokens_details", f"{responses}_tokens_details", f"{responses}_token_details")
    details: object = next((raw[key] for key in names if raw.get(key)), None)
    if not isinstance(details, Mapping):
        return None
    value = cast("Mapping[str, object]", details).get(name)
    return value if isinstance(value, int) else None
