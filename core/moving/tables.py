"""Our tables as they stand in a database, and the order in which they can be filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from core.errors import Misconfigured

MOMENTARY = ("locks", "send_budget", "policy")
"""What processes agree upon from one moment to the next, or write as they start; it belongs to
them, not to people."""

SEEDED = ("statistics_state",)
"""The migrations fill them: a new database has rows there, which those of the source replace."""

_COLUMNS = """
select c.relname, array_agg(a.attname::text order by a.attname),
       array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by a.attname)
from pg_catalog.pg_class c
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attgenerated = ''
group by 1
"""
_REFERENCES = """
select k.conname, c.relname, f.relname, k.condeferrable
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_class f on f.oid = k.confrelid
where k.contype = 'f' and c.relnamespace = 'public'::regnamespace
order by 1
"""
_SEQUENCES = """
select c.relname from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'S' order by 1
"""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` with their types, without generated ones, in the order of their names: where a
    table was altered, the physical order differs from one database to the other."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier("public", self.name)

    @property
    def column_list(self) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(name) for name, _ in self.columns)


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: rows of `table` name rows of `to`."""

    name: str
    table: str
    to: str
    deferrable: bool


async def read_tables(connection: psycopg.AsyncConnection) -> dict[str, Table]:
    rows = await (await connection.execute(_COLUMNS)).fetchall()
    return {
        name: Table(name, tuple(zip(columns, types, strict=True)))
        for name, columns, types in rows
        if name not in MOMENTARY
    }


async def read_references(connection: psycopg.AsyncConnection) -> list[Reference]:
    rows = await (await connection.execute(_REFERENCES)).fetchall()
    return [Reference(*row) for row in rows]


async def read_sequences(connection: psycopg.AsyncConnection) -> list[str]:
    return [row[0] for row in await (await connection.execute(_SEQUENCES)).fetchall()]


def common(source: dict[str, Table], target: dict[str, Table]) -> list[Table]:
    """The tables to copy: all of the source. Raises Misconfigured where the target differs."""
    for name, table in sorted(source.items()):
        if name not in target:
            raise Misconfigured(
                f"the table {name} is none of the bot's: copy it yourself, then drop it here"
            )
        if target[name] != table:
            raise Misconfigured(f"the table {name} has other columns in the target")
    return list(source.values())


def in_order(
    tables: Sequence[Table], references: Sequence[Reference]
) -> tuple[list[Table], list[Reference]]:
    """What is named comes before what names it; where that can't be, the references that have to
    wait until all rows are there."""
    left = {table.name: table for table in tables}
    ordered: list[Table] = []
    waiting: list[Reference] = []
    while left:
        ahead = {
            name: [r for r in references if r.table == name and r.to in left and r.to != name]
            for name in left
        }
        chosen = min(sorted(left), key=lambda name: len(ahead[name]))
        waiting += ahead[chosen]
        ordered.append(left.pop(chosen))
    return ordered, waiting
