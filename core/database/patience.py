"""Calls whose result must not be lost because the database is away for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.errors import Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")


async def patiently(what: str, call: Callable[[], Awaitable[T]]) -> T:
    """Repeat an idempotent `call` for as long as it raises `Unavailable`."""
    delay = 0.2
    while True:
        try:
            return await call()
        except Unavailable as error:
            log.warning("%s waits for the database: %s", what, error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 2.0)
