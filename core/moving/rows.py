"""Rows from one database into another: in one transaction, counted and compared."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from core.errors import Misconfigured
from core.moving.tables import Reference, Table
from core.progress import Progress, Step

_SENT = 256 * 1024
_SESSION = """
set local statement_timeout = 0;
set local idle_in_transaction_session_timeout = 0;
set local lock_timeout = '30s';
set local timezone = 'UTC';
set local datestyle = 'ISO, YMD';
set local intervalstyle = 'postgres';
set local bytea_output = 'hex';
set local extra_float_digits = 3;
set local client_encoding = 'UTF8';
"""
_SUM = """
select count(*), coalesce(sum(('x' || substring(t.line from 1 for 16))::bit(64)::bigint), 0)::text
from (
  select encode(sha256(convert_to(row({columns})::text, 'UTF8')), 'hex') as line from {table}
) t
"""


async def same_ground(connection: psycopg.AsyncConnection) -> None:
    """For this transaction: no limits of the host, and one way to write values."""
    await connection.execute(_SESSION)


async def count_rows(connection: psycopg.AsyncConnection, table: Table) -> int:
    counting = sql.SQL("select count(*) from {}").format(table.identifier)
    row = await (await connection.execute(counting)).fetchone()
    return row[0] if row else 0


async def defer(connection: psycopg.AsyncConnection, references: Sequence[Reference]) -> None:
    """Check these at the end: the owner of a table may say so, no superuser is needed."""
    for reference in references:
        await _alter(connection, reference, "deferrable initially deferred")


async def settle(connection: psycopg.AsyncConnection, references: Sequence[Reference]) -> None:
    """Check what was deferred, and leave the references as they were."""
    await connection.execute("set constraints all immediate")
    for reference in references:
        await _alter(connection, reference, "not deferrable")


async def copy_table(
    source: psycopg.AsyncConnection,
    target: psycopg.AsyncConnection,
    table: Table,
    done: int,
    total: int,
    progress: Progress,
) -> int:
    """Copy all rows and return `done` with their number; columns that are generated are made anew,
    identities keep their numbers."""
    names = {"table": table.identifier, "columns": table.column_list}
    reading = sql.SQL("copy (select {columns} from {table}) to stdout").format(**names)
    writing = sql.SQL("copy {table} ({columns}) from stdin").format(**names)
    waiting = bytearray()
    async with source.cursor().copy(reading) as out, target.cursor().copy(writing) as into:
        async for data in out:
            waiting += data
            if len(waiting) >= _SENT:
                done += waiting.count(b"\n")  # in values they are written as \n
                await into.write(bytes(waiting))
                waiting.clear()
                progress(Step("database", "rows", done, total))
        done += waiting.count(b"\n")
        await into.write(bytes(waiting))
    return done


async def copy_sequence(
    source: psycopg.AsyncConnection, target: psycopg.AsyncConnection, name: str
) -> None:
    identifier = sql.Identifier("public", name)
    reading = sql.SQL("select last_value, is_called from {}").format(identifier)
    row = await (await source.execute(reading)).fetchone()
    if row is not None:
        setting = (
            "select pg_catalog.setval(pg_catalog.format('public.%%I', %s::text)::regclass, %s, %s)"
        )
        await target.execute(setting, (name, *row))


async def compare(
    source: psycopg.AsyncConnection, target: psycopg.AsyncConnection, table: Table
) -> int:
    """The number of rows, which are the same on both sides. Raises Misconfigured."""
    adding = sql.SQL(_SUM).format(columns=table.column_list, table=table.identifier)
    before = await (await source.execute(adding)).fetchone()
    after = await (await target.execute(adding)).fetchone()
    if before is None or before != after:
        raise Misconfigured(f"the rows of {table.name} are not the same after copying")
    return before[0]


async def _alter(connection: psycopg.AsyncConnection, reference: Reference, kind: str) -> None:
    if reference.deferrable:
        await connection.execute("set constraints all deferred")
        return
    statement = "alter table {} alter constraint {} " + kind
    await connection.execute(
        sql.SQL(statement).format(  # pyright: ignore[reportArgumentType] - one of two, above
            sql.Identifier("public", reference.table), sql.Identifier(reference.name)
        )
    )
