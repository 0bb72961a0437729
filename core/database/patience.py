"""Calls whose result must not be lost because the database is away for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.errors import CoreError, Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

REMIND_SECONDS = 30.0


class Outage:
    """One word for all that wait: a thousand turns meet the same outage, every second."""

    def __init__(self) -> None:
        self._told = False
        self._told_at = -REMIND_SECONDS

    def meet(self, what: str, error: Unavailable) -> None:
        now = time.monotonic()
        if now - self._told_at >= REMIND_SECONDS:
            self._told, self._told_at = True, now
            log.warning("%s waits for the database, as all else does: %s", what, error)

    def over(self) -> None:
        if self._told:
            self._told = False
            log.info("the database answers again")


outage = Outage()
"""Of this process."""


async def patiently(what: str, call: Callable[[], Awaitable[T]]) -> T:
    """Repeat an idempotent `call` for as long as it raises `Unavailable`."""
    delay = 0.2
    while True:
        try:
            result = await call()
        except Unavailable as error:
            outage.meet(what, error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 2.0)
        except CoreError:
            outage.over()
            raise
        else:
            outage.over()
            return result
