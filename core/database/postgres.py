"""The transport over psycopg 3: any PostgreSQL, the embedded one included."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads

from core.database import Argument
from core.database.dsn import without_userinfo
from core.database.exclusive import hold
from core.database.failures import CallError, check_names, failure, is_temporary, no_such_function
from core.database.notifications import listen
from core.database.pool import Pool
from core.database.tls import weakness
from core.errors import CoreError, Misconfigured, Unavailable

log = logging.getLogger(__name__)

_CALL_SECONDS = 15.0
_TRIES_SECONDS = 2.0
_TRANSACTION_POOLER = "6543"
_REFUSED = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "not permitted",
    "does not support SSL",
    "certificate verify failed",
)


class PostgresDatabase:
    """See core.database.Database.

    Over a transaction pooler (port 6543) there are no prepared statements, `notifications` stays
    silent and `exclusive` keeps a transaction open.
    """

    def __init__(self, dsn: str, pool_size: int = 8) -> None:
        """At most `pool_size` connections, and one for each channel of `notifications` that is
        listened to and each `exclusive` that is held or waited for."""
        try:
            parts = conninfo_to_dict(dsn)
        except psycopg.Error:
            # psycopg's own message would repeat the password.
            raise Misconfigured("DATABASE_URL is not a PostgreSQL connection string") from None
        pooled = str(parts.get("port")) == _TRANSACTION_POOLER
        self._dsn = dsn
        self._transaction_pooler = pooled
        self._prepare_threshold = None if pooled or "pooler" in str(parts.get("host")) else 2
        self._pool = Pool(self._connect, pool_size)
        self._queries: dict[tuple[str, tuple[str, ...]], bytes] = {}

    async def open(self) -> None:
        """Prove that the database can be reached.

        Raises Misconfigured if it refuses us for good, Unavailable if trying later may help.
        """
        try:
            await self._pool.give(await self._pool.take())
        except psycopg.Error as error:
            line = _line(error)
            if any(words in line for words in _REFUSED):
                raise Misconfigured(f"DATABASE_URL: {line}") from None
            raise Unavailable(line) from None
        if weak := weakness(self._dsn):
            log.warning("DATABASE_URL: %s", weak)

    async def close(self) -> None:
        await self._pool.close()

    async def call(self, function: str, /, **arguments: Argument) -> Any:
        key = (function, tuple(arguments))
        query = self._queries.get(key) or self._compose(key)
        values = [_wire(value) for value in arguments.values()]
        try:
            return await self._once(query, values)
        except psycopg.Error as error:
            if not _is_temporary(error):
                raise _failure(function, error) from None
            log.debug("%s: %s", function, _line(error))
        except TimeoutError:
            raise Unavailable(f"{function}: no answer in {_CALL_SECONDS:.0f} s") from None
        except (UnicodeEncodeError, orjson.JSONEncodeError):
            # A lone surrogate; the library's own message would show the text round it.
            raise CallError(function, "22021") from None
        return await self._again(function, query, values)

    @property
    def notifies(self) -> bool:
        return not self._transaction_pooler

    def notifications(self, channel: str) -> AsyncIterator[str]:
        return listen(None if self._transaction_pooler else self._connect, channel)

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """As the Protocol says.

        When the connection breaks while the lock is held, the body is cancelled at once and
        `Unavailable` comes out of the `async with`: stop, then ask for the lock again.
        """
        return hold(self._connect, name, in_transaction=self._transaction_pooler)

    async def _once(self, query: bytes, values: list[Any]) -> Any:
        async with asyncio.timeout(_CALL_SECONDS):
            connection = await self._pool.take()
            try:
                row = await (await connection.execute(query, values)).fetchone()
            finally:
                await self._pool.give(connection)
        return row[0] if row else None

    async def _again(self, function: str, query: bytes, values: list[Any]) -> Any:
        import tenacity  # 20 ms that a good start does not need

        tries = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(4) | tenacity.stop_after_delay(_TRIES_SECONDS),
            wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=1.0, jitter=0.1),
            retry=tenacity.retry_if_exception(_is_temporary),
            reraise=True,
        )
        await asyncio.sleep(0.05)
        try:
            return await tries(self._once, query, values)
        except psycopg.Error as error:
            if not _is_temporary(error):
                raise _failure(function, error) from None
            raise Unavailable(f"{function}: {_line(error)}") from None
        except TimeoutError:
            raise Unavailable(f"{function}: no answer in {_CALL_SECONDS:.0f} s") from None

    def _compose(self, key: tuple[str, tuple[str, ...]]) -> bytes:
        function, names = key
        check_names(function, names)
        listed = ", ".join(f"p_{name} => %s" for name in names)
        query = self._queries[key] = f"select public.{function}({listed})".encode()
        return query

    async def _connect(self) -> psycopg.AsyncConnection:
        connection = await psycopg.AsyncConnection.connect(
            self._dsn,
            autocommit=True,
            prepare_threshold=self._prepare_threshold,
            connect_timeout=5,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=15_000,
            application_name="vision-path",
        )
        set_json_loads(orjson.loads, connection)
        set_json_dumps(orjson.dumps, connection)
        return connection


def _wire(value: Argument) -> Any:
    """Scalars go as text of no type, so that the function's own signature decides.

    A float is then accepted by `numeric` and a small int by `bigint`, and one prepared statement
    serves all values.
    """
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case Mapping():
            return Jsonb(value)
        case _:
            return list(value)


def _is_temporary(error: BaseException) -> bool:
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return is_temporary(error.sqlstate)


def _failure(function: str, error: psycopg.Error) -> CoreError:
    code = error.sqlstate or type(error).__name__
    log.debug("%s: %s", function, _line(error))
    if code == "42883" and not error.diag.context:
        return no_such_function(function)
    return failure(function, code, error.diag.message_primary or "")


def _line(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error).strip() or type(error).__name__
    return without_userinfo(text.splitlines()[0])
