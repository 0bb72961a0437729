"""Open connections for calls that take a millisecond each.

Not psycopg_pool: that one reconnects after 1, 2, 4… seconds, while our embedded server is back
0.2 s after a kill, and its import alone costs 20 ms of start-up. Here a call makes the connection
it needs itself, so the first call after an outage is the recovery.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Awaitable, Callable

import psycopg
from psycopg import pq

Connect = Callable[[], Awaitable[psycopg.AsyncConnection]]


class Pool:
    """At most `size` connections, the most recently used first; waiters are served in order."""

    def __init__(self, connect: Connect, size: int) -> None:
        self._connect = connect
        self._idle: list[psycopg.AsyncConnection] = []
        self._slots = asyncio.Semaphore(size)
        self._closed = False

    async def take(self) -> psycopg.AsyncConnection:
        await self._slots.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if _quiet(connection):
                    return connection
                await connection.close()
            return await self._connect()
        except BaseException:
            self._slots.release()
            raise

    async def give(self, connection: psycopg.AsyncConnection) -> None:
        """Return what `take` gave, in whatever state it is now."""
        self._slots.release()
        idle = connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
        if idle and not self._closed:
            self._idle.append(connection)
        else:
            await connection.close()

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            await self._idle.pop().close()


def _quiet(connection: psycopg.AsyncConnection) -> bool:
    """Without a round trip: a server that has gone leaves the socket readable (end of file)."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
