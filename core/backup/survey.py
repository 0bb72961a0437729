"""What stands in a database at one moment: rows, migrations, names of files."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from core.errors import Unavailable

_TABLES = """
select n.nspname, c.relname from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname !~ '^pg_'
order by 1, 2
"""
_SIZES = """
select coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::bigint,
       pg_catalog.pg_database_size(pg_catalog.current_database())
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = 'public'
"""
_MIGRATIONS = """
select version || '_' || coalesce(name, '') from supabase_migrations.schema_migrations order by 1
"""
_FILES = "select distinct storage_path from public.files order by 1"
_FILES_BYTES = """
select coalesce(sum(size), 0)::bigint
from (select storage_path, max(size) as size from public.files group by 1) f
"""
_FETCHED = 1000


class Survey:
    """A database as it was when the survey began, whatever is written meanwhile."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def snapshot(self) -> str:
        """For pg_dump, which then sees the very same."""
        return str(self._one("select pg_catalog.pg_export_snapshot()"))

    def sizes(self) -> tuple[int, int]:
        """Bytes of our tables without their indexes, and of the whole database."""
        row = self._connection.execute(_SIZES).fetchone()
        assert row is not None
        return row[0], row[1]

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for schema, name in self._connection.execute(_TABLES).fetchall():
            counting = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
            found[f"{schema}.{name}"] = self._one(counting)
        return found

    def migrations(self) -> list[str]:
        if self._one("select pg_catalog.to_regclass('supabase_migrations.schema_migrations')"):
            return [row[0] for row in self._connection.execute(_MIGRATIONS).fetchall()]
        return []

    def files_bytes(self) -> int:
        return self._one(_FILES_BYTES) if self._knows_files() else 0

    def file_paths(self) -> Generator[str]:
        """Every path of the file store that the database names, as it stands there."""
        if not self._knows_files():
            return
        with self._connection.cursor("file_paths") as cursor:
            cursor.itersize = _FETCHED
            for row in cursor.execute(_FILES):
                yield row[0]

    def _knows_files(self) -> bool:
        return self._one("select pg_catalog.to_regclass('public.files')") is not None

    def _one(self, query: LiteralString | sql.Composed) -> Any:
        row = self._connection.execute(query).fetchone()
        assert row is not None
        return row[0]


@contextmanager
def survey(dsn: str) -> Generator[Survey]:
    """Raises Unavailable when the server goes away, during the body as well."""
    with connected(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield Survey(connection)


@contextmanager
def connected(dsn: str) -> Generator[psycopg.Connection]:
    """One transaction. Errors of the server come out as Unavailable."""
    try:
        with psycopg.connect(dsn) as connection:
            yield connection
    except psycopg.Error as error:
        text = error.diag.message_primary or str(error).strip() or type(error).__name__
        raise Unavailable(f"the database: {text.splitlines()[0]}") from error
