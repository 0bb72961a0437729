"""Figures as fields of a log line, and the same as text."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from core.observing import TurnReport

Fields = Mapping[str, Any]

_TOKENS = ("prompt_tokens", "completion_tokens", "cached_tokens")


def write(log: logging.Logger, level: int, what: str, fields: Fields) -> None:
    """`what` and the fields that are not None; `fields` of the record has them for machines."""
    if log.isEnabledFor(level):
        told = {name: value for name, value in fields.items() if value is not None}
        line = " ".join((what, *_words(told)))
        log.log(level, line, extra={"fields": {"event": what, **told}})


def turn_fields(report: TurnReport) -> Fields:
    return {
        "vision": report.vision_id,
        "user": report.user_id,
        "queued_ms": _ms(report.queued),
        "prepare_ms": _ms(report.prepare),
        "burst_ms": _ms(report.burst),
        "first_ms": _ms(report.first_words),
        "model_ms": _ms(report.model),
        "making_ms": _ms(report.making),
        "complete_ms": _ms(report.complete),
        "deliver_ms": _ms(report.deliver),
        "own_ms": _ms(report.own),
        "total_ms": _ms(report.total),
        "prompt_tokens": report.prompt_tokens,
        "completion_tokens": report.completion_tokens,
        "cached_tokens": report.cached_tokens,
        "messages": report.messages,
        "files": report.files or None,
        "joined": report.joined or None,
        "calls": report.calls,
        "rounds": report.rounds,
        "attempt": report.attempt,
        "outcome": report.outcome,
        "error": report.error,
        "code": report.code,
        "request": report.request_id,
        "response": report.response_id,
    }


def _words(fields: Fields) -> list[str]:
    words: list[str] = []
    for name, value in fields.items():
        if name == "prompt_tokens":
            words.append(_tokens(fields))
        elif name.endswith("_ms"):
            words.append(f"{name.removesuffix('_ms')}={_duration(value)}")
        elif name not in _TOKENS:
            words.append(f"{name}={value}")
    return words


def _tokens(fields: Fields) -> str:
    prompt, completion, cached = (fields.get(name) or 0 for name in _TOKENS)
    return f"tokens={prompt}+{completion}" + (f"(cached {cached})" if cached else "")


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _duration(milliseconds: int) -> str:
    return f"{milliseconds}ms" if milliseconds < 1000 else f"{milliseconds / 1000:.2f}s"
