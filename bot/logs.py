"""Log lines for people or for machines, never with a secret in them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

import orjson


def set_up_logs(level: str, form: str, secrets: Iterable[str]) -> None:
    """Everything to stderr. `secrets` are struck out wherever they appear, tracebacks included."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = (
        JsonLines()
        if form == "json"
        else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    )
    handler.setFormatter(Discreet(formatter, secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Chatty at INFO: aiogram logs every update, httpx every request with its address.
    for name in ("aiogram.event", "httpx", "httpx2", "httpcore", "openai"):
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


class Discreet(logging.Formatter):
    def __init__(self, formatter: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._formatter = formatter
        known = [secret for secret in secrets if len(secret) > 5]
        # JSON writes some characters in its own way.
        self._secrets = {*known, *(orjson.dumps(secret).decode()[1:-1] for secret in known)}

    def format(self, record: logging.LogRecord) -> str:
        line = self._formatter.format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line
