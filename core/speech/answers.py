"""What a speech server refused, and how much of its answers is read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.llm.dialect import complaint
from core.llm.failures import CallFailed

if TYPE_CHECKING:
    from openai import APIStatusError

log = logging.getLogger(__name__)

SILENCE_SECONDS = 900.0
"""A local server may say nothing until it has heard an hour of speech."""


class Options:
    """Fields that a server may refuse without harm: what it refused once is not sent again.

    Remembered together with the value, since many refuse one language and not the next.
    """

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    def allows(self, name: str, value: object) -> bool:
        return (name, str(value)) not in self._refused

    def refused(self, error: APIStatusError, sent: Mapping[str, object]) -> bool:
        """True if the server complains of one of the fields sent: repeat without it."""
        if error.status_code not in {400, 422}:
            return False
        words = complaint(error.body)
        # The longest first: `language` is not what a server says that refuses `languages`.
        for name in sorted(sent, key=len, reverse=True):
            if name in words:
                self._refused.add((name, str(sent[name])))
                log.warning("the speech server refuses %s=%s: left out", name, sent[name])
                return True
        return False


async def limited(chunks: Any, most: int) -> bytes:
    """The body of a response; `CallFailed` where it is longer than anything honest."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise CallFailed("failed", "answer_too_long")
    return bytes(body)
