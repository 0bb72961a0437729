"""Log lines for people or for machines, never with a secret in them.

Below DEBUG nothing that a person wrote gets in either: what foreign errors say stays unsaid.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.discretion import Secrets, is_ours, told_trace
from core import marks

_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_NOTHING: Mapping[str, Any] = {}


def set_up_logs(level: str, form: str, secrets: Iterable[str]) -> None:
    """Everything to stderr. `secrets` are struck out wherever they appear, tracebacks included."""
    handler = logging.StreamHandler(sys.stderr)
    whole = level == "DEBUG"
    formatter = JsonLines(whole=whole) if form == "json" else TextLines(whole=whole)
    handler.setFormatter(Discreet(formatter, secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Chatty at INFO: aiogram logs every update, httpx every request with its address. The others
    # print whole requests and frames at DEBUG, that is people's words.
    for name in ("aiogram.event", "httpx", "httpx2", "httpcore", "openai", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)


def said(record: logging.LogRecord) -> str:
    """Of a foreign library the first line alone: behind it comes what it complains of, whole."""
    words = record.getMessage()
    return words if is_ours(record.name) else words.partition("\n")[0]


class Lines(logging.Formatter):
    """`whole`: foreign errors are told in their own words, whatever they quote."""

    def __init__(self, *, whole: bool) -> None:
        super().__init__(_TEXT, "%H:%M:%S")
        self._whole = whole

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return super().formatException(ei) if self._whole else told_trace(ei[1])

    def said(self, record: logging.LogRecord) -> str:
        return record.getMessage() if self._whole else said(record)


class TextLines(Lines):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = self.said(record)
        line = super().formatMessage(record)
        if found := marks():
            line += " [" + " ".join(f"{name}={value}" for name, value in found.items()) + "]"
        return line

    def format(self, record: logging.LogRecord) -> str:
        # Handlers share the trace that the first of them made; others tell more of it.
        record.exc_text = None
        try:
            return super().format(record)
        finally:
            record.exc_text = None


class JsonLines(Lines):
    def format(self, record: logging.LogRecord) -> str:
        fields: Mapping[str, Any] = getattr(record, "fields", _NOTHING)
        line: dict[str, Any] = {
            # The line's own names come last: no field can take their place.
            **marks(),
            **fields,
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.said(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class Discreet(logging.Formatter):
    def __init__(self, formatter: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._formatter = formatter
        self._secrets = Secrets(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return self._secrets.struck_out(self._formatter.format(record))
