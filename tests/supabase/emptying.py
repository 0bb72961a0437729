"""A database as its migrations left it, again and again, without making a new one."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg
from psycopg import sql

_QUIET_SECONDS = 20.0
_TABLES = """
select c.oid::regclass::text from pg_class c
where c.relnamespace in ('public'::regnamespace, 'supabase_migrations'::regnamespace)
  and c.relkind in ('r', 'p') and not c.relispartition
"""
_SEQUENCES = """
select format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value),
  last_value is not null
from pg_sequences where schemaname = 'public'
"""
_BUSY = """
select pid from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
  and usename in (current_user, 'authenticator')
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """What stood in our tables, and in the history of migrations, right after these."""

    tables: list[str]
    rows: dict[str, bytes]
    sequences: list[tuple[str, int, bool]]

    @classmethod
    def of(cls, dsn: str) -> Origin:
        with psycopg.connect(dsn) as connection:
            tables = [table for (table,) in connection.execute(_TABLES)]
            rows = {table: _copied(connection, table) for table in tables}
            return cls(
                tables,
                {table: copy for table, copy in rows.items() if copy},
                connection.execute(_SEQUENCES).fetchall(),
            )

    def restore(self, dsn: str) -> None:
        """Statements that a test has left running are cancelled, and its rows are gone."""
        with psycopg.connect(dsn) as connection:
            _quiet(connection)
            connection.execute("set local lock_timeout = '10s'")
            connection.execute(sql.SQL("truncate " + ", ".join(self.tables)))
            for table, copy in self.rows.items():
                with connection.cursor().copy(f"copy {table} from stdin") as writing:
                    writing.write(copy)
            connection.cursor().executemany(
                "select setval(%s::regclass, %s, %s)", self.sequences, returning=False
            )


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"copy {table} to stdout") as reading:
        return b"".join(bytes(part) for part in reading)


def _quiet(connection: psycopg.Connection) -> None:
    connection.autocommit = True
    limit = time.monotonic() + _QUIET_SECONDS
    while busy := [pid for (pid,) in connection.execute(_BUSY)]:
        assert time.monotonic() < limit, f"still at work: {busy}"
        connection.execute("select pg_cancel_backend(pid) from unnest(%s::int[]) pid", [busy])
        time.sleep(0.01)
    connection.autocommit = False
