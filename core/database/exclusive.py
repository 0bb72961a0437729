"""A lock between processes that lives as long as a connection."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import psycopg

from core.background import Background
from core.database.pool import Connect
from core.errors import Unavailable

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_PING_SECONDS = 5.0
_SESSION = "select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended(%s, 0))"
_TRANSACTION = "select pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0))"


@asynccontextmanager
async def hold(connect: Connect, name: str, *, in_transaction: bool) -> AsyncGenerator[None]:
    """Hold the lock for the body; cancel the body and raise Unavailable when the lock is lost.

    `in_transaction` is for transaction poolers: a session lock there would stay for ever with a
    server connection that is not ours.
    """
    connection = await _obtain(connect, name, in_transaction)
    background = Background()
    scope = asyncio.timeout(None)
    try:
        async with scope:
            background.spawn(_watch(connection, scope), f"watch the lock {name}")
            yield
    except TimeoutError:
        if not scope.expired():
            raise
        raise Unavailable(f"the lock {name} was lost with its connection") from None
    finally:
        await background.drain(0)
        await connection.close()


async def _obtain(connect: Connect, name: str, in_transaction: bool) -> psycopg.AsyncConnection:
    told = False
    while True:
        connection = None
        try:
            connection = await connect()
            while not await _try(connection, name, in_transaction):
                if not told:
                    log.info("another process holds %s, waiting", name)
                    told = True
                await _pause()
        except psycopg.Error as error:
            log.info("waiting for the lock %s: %s", name, type(error).__name__)
            if connection is not None:
                await connection.close()
        except BaseException:
            if connection is not None:
                await connection.close()
            raise
        else:
            return connection
        await _pause()


async def _try(connection: psycopg.AsyncConnection, name: str, in_transaction: bool) -> bool:
    if in_transaction:
        await connection.execute("begin")
    query = _TRANSACTION if in_transaction else _SESSION
    row = await (await connection.execute(query, (f"vision-path:{name}",))).fetchone()
    got = bool(row and row[0])
    if in_transaction and not got:
        await connection.execute("rollback")
    return got


async def _watch(connection: psycopg.AsyncConnection, scope: asyncio.Timeout) -> None:
    with suppress(psycopg.Error, TimeoutError):
        while True:
            async for _ in connection.notifies(timeout=_PING_SECONDS):
                pass
            async with asyncio.timeout(_PING_SECONDS):
                await connection.execute("select 1")
    scope.reschedule(asyncio.get_running_loop().time())


async def _pause() -> None:
    await asyncio.sleep(_POLL_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the load
