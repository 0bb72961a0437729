"""LISTEN on a connection of its own, for ever."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator

import psycopg
from psycopg import sql

from core.database.pool import Connect

log = logging.getLogger(__name__)

_PING_SECONDS = 30.0
_LONGEST_PAUSE = 10.0


async def listen(connect: Connect | None, channel: str) -> AsyncIterator[str]:
    """Payloads as they come; what was sent while the connection was down is not repeated.

    Without `connect` it stays silent.
    """
    if connect is None:
        await asyncio.Event().wait()
        return
    pause = 0.1
    while True:
        try:
            async with await connect() as connection:
                await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                pause = 0.1
                while True:
                    async for notification in connection.notifies(timeout=_PING_SECONDS):
                        yield notification.payload
                    # A silent network drop shows only when something is sent.
                    async with asyncio.timeout(_PING_SECONDS):
                        await connection.execute("select 1")
        except (psycopg.Error, TimeoutError) as error:
            log.info("notifications are interrupted: %s", type(error).__name__)
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the load
        pause = min(pause * 2, _LONGEST_PAUSE)
