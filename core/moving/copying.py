"""The rows of a whole database, moved in one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql

from core.errors import Misconfigured, Unavailable
from core.moving.rows import (
    compare,
    copy_sequence,
    copy_table,
    count_rows,
    defer,
    same_ground,
    settle,
)
from core.moving.tables import (
    SEEDED,
    Table,
    common,
    in_order,
    read_references,
    read_sequences,
    read_tables,
)
from core.progress import Progress, Step

_STATUS = "select pg_catalog.pg_xact_status(%s::text::xid8)"


class Copying:
    """From `source`, which nobody writes to, into `target`, which holds nobody yet."""

    def __init__(self, source: psycopg.AsyncConnection, target: psycopg.AsyncConnection) -> None:
        self._source = source
        self._target = target

    async def came_to_its_end(self, transaction: str) -> bool:
        """Whether the target has committed a transaction of an earlier run."""
        try:
            row = await (await self._target.execute(_STATUS, (transaction,))).fetchone()
        except psycopg.errors.InvalidParameterValue:
            return False  # a number that this server has yet to give: it is a new one
        return row is not None and row[0] == "committed"

    async def check(self) -> list[Table]:
        """The tables to copy. Raises Misconfigured for a target that is another or is in use."""
        tables = common(await read_tables(self._source), await read_tables(self._target))
        for table in sorted(tables, key=lambda table: table.name != "users"):
            if table.name in SEEDED:
                continue
            if count := await count_rows(self._target, table):
                what = "people" if table.name == "users" else f"rows of {table.name}"
                raise Misconfigured(
                    f"the target already holds {count:,} {what}: move into an empty database"
                )
        return tables

    async def copy(
        self, tables: list[Table], progress: Progress, committing: Callable[[str], None]
    ) -> dict[str, int]:
        """Rows per table. `committing` is called with the transaction's number before it ends."""
        source, target = self._source, self._target
        async with source.transaction(), target.transaction():
            await same_ground(source)
            await same_ground(target)
            ordered, waiting = in_order(tables, await read_references(target))
            total = sum([await count_rows(source, table) for table in ordered])
            await defer(target, waiting)
            done = 0
            for table in ordered:
                if table.name in SEEDED:
                    await target.execute(sql.SQL("delete from {}").format(table.identifier))
                done = await copy_table(source, target, table, done, total, progress)
            await settle(target, waiting)
            there = set(await read_sequences(target))
            for name in await read_sequences(source):
                if name in there:
                    await copy_sequence(source, target, name)
            rows = {table.name: await compare(source, target, table) for table in ordered}
            progress(Step("database", "rows", done, total, ended=True))
            # Whoever worked on turns and deliveries is not here any more.
            await target.execute("select public.release_leases()")
            for table in ordered:
                await target.execute(_analyze(table))
            row = await (
                await target.execute("select pg_catalog.pg_current_xact_id()::text")
            ).fetchone()
            assert row is not None
            committing(row[0])
        return rows


def _analyze(table: Table) -> sql.Composed:
    return sql.SQL("analyze {}").format(table.identifier)


@asynccontextmanager
async def connected(dsn: str, name: str) -> AsyncGenerator[psycopg.AsyncConnection]:
    """A connection; whatever goes wrong on it comes out as CoreError that names the side."""
    try:
        async with await psycopg.AsyncConnection.connect(
            dsn,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=15,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=6,
            application_name="vision-path move",
        ) as connection:
            yield connection
    except psycopg.Error as error:
        text = error.diag.message_primary or str(error).strip() or type(error).__name__
        line = f"{name}: {text.splitlines()[0]}"
        if isinstance(error, psycopg.OperationalError):
            raise Unavailable(line) from None
        raise Misconfigured(line) from None
