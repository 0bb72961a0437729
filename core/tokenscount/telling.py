"""What a call was, told to the log and to whoever observes."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from core.observing import CallReport, marks, tell
from core.observing.lines import Fields, write

_MODEL = re.compile(r"[\w.:/@+-]{1,128}", re.ASCII)


def tell_of(what: str, row: Mapping[str, Any], log: logging.Logger) -> None:
    """`row` is what `log_tokens` gets. Figures and names only, so it may be logged."""
    meta = row["meta"]
    first = meta.get("ttft_ms")
    report = CallReport(
        purpose=meta.get("purpose") or "other",
        model=meta["requested_model"],
        outcome=meta["outcome"],
        code=meta.get("error_code"),
        attempt=meta.get("attempt") or 1,
        seconds=meta["latency_ms"] / 1000,
        first_seconds=None if first is None else first / 1000,
        prompt_tokens=row["prompttokens"],
        completion_tokens=row["completiontokens"],
        cached_tokens=meta.get("cached_tokens") or 0,
        reasoning_tokens=meta.get("reasoning_tokens") or 0,
        request_id=meta.get("request_id"),
        response_id=meta.get("response_id"),
        rejected=meta.get("rejected"),
    )
    # The line of its turn tells of a call that went well.
    quiet = report.outcome == "ok" and "turn" in marks()
    write(log, logging.DEBUG if quiet else logging.INFO, what, _fields(row, report))
    tell(report)


def _fields(row: Mapping[str, Any], report: CallReport) -> Fields:
    meta = row["meta"]
    return {
        "purpose": report.purpose,
        # What the server calls it may be any text of any length.
        "model": row["model"] if _MODEL.fullmatch(row["model"]) else report.model,
        "outcome": report.outcome,
        "code": report.code,
        "attempt": report.attempt,
        "call_ms": meta["latency_ms"],
        "first_ms": meta.get("ttft_ms"),
        "sound_seconds": meta.get("audio_seconds"),
        "prompt_tokens": report.prompt_tokens,
        "completion_tokens": report.completion_tokens,
        "cached_tokens": report.cached_tokens or None,
        "estimated": True if meta["estimated"] else None,
        "request": report.request_id,
        "response": report.response_id,
    }
