"""Applies migrations/*.sql, keeping Supabase's own history table.

`supabase db push` and this runner see each other's work. Every file is one transaction.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, cast

import psycopg
from psycopg import pq

from core.database.dsn import without_userinfo
from core.errors import Misconfigured, Unavailable

log = logging.getLogger(__name__)

_NAME = re.compile(r"(\d{14})_(\w+)\.sql", re.ASCII)
_LOCK = 20_261_120_100_000
_WAIT_FOR_OTHERS = "120s"
_WAIT_FOR_TABLES = "10s"

_APPLIED = "select version from supabase_migrations.schema_migrations"
_HISTORY = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
"""
_RECORD = """
insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)
"""
_ROLES = """
select count(*) from pg_catalog.pg_roles
where rolname in ('anon', 'authenticated', 'service_role')
"""


@dataclass(frozen=True, slots=True)
class _Migration:
    version: str
    name: str
    path: Path


async def migrate(dsn: str, folder: Path) -> list[str]:
    """Apply what is missing and return the names of the files applied.

    One round trip when there is nothing to do; safe to run from several processes at once. Raises
    Misconfigured when the files and the database's history contradict each other or a file fails
    (nothing of that file remains), Unavailable when the server can't be reached or a lock is not
    given in time.
    """
    files = _read(folder)
    try:
        async with await psycopg.AsyncConnection.connect(
            dsn, autocommit=True, prepare_threshold=None, connect_timeout=10
        ) as connection:
            if not _missing(files, await _applied(connection)):
                return []
            await _prepare(connection, folder / "bootstrap" / "plain_postgres.sql")
            return [file.path.name for file in files if await _apply(connection, files, file)]
    except psycopg.OperationalError as error:
        # Without a code nothing of ours was run yet, or the connection broke.
        about = "migrations: " if error.sqlstate else ""
        raise Unavailable(f"{about}{_line(error)}") from error
    except psycopg.Error as error:
        raise Misconfigured(f"migrations: {_line(error)}") from error


def _read(folder: Path) -> list[_Migration]:
    files: list[_Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise Misconfigured(f"{path.name} is not named <14 digits>_<name>.sql")
        if files and files[-1].version == match[1]:
            raise Misconfigured(f"{files[-1].path.name} and {path.name} have the same version")
        files.append(_Migration(match[1], match[2], path))
    if not files:
        raise Misconfigured(f"no migrations in {folder}")
    return files


async def _applied(connection: psycopg.AsyncConnection) -> set[str]:
    try:
        cursor = await connection.execute(_APPLIED)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return set()
    return {str(row[0]) for row in await cursor.fetchall()}


def _missing(files: list[_Migration], applied: set[str]) -> list[_Migration]:
    unknown = applied - {file.version for file in files}
    if unknown:
        raise Misconfigured(
            "the database has migrations that this version of the bot does not know"
            f" ({', '.join(sorted(unknown))}): update the bot"
        )
    missing = [file for file in files if file.version not in applied]
    if missing and applied and missing[0].version < max(applied):
        raise Misconfigured(f"{missing[0].path.name} is older than a migration already applied")
    return missing


async def _prepare(connection: psycopg.AsyncConnection, bootstrap: Path) -> None:
    async with connection.transaction():
        await _lock(connection)
        cursor = await connection.execute(_ROLES)
        if await cursor.fetchone() != (3,):
            try:
                await connection.execute(_sql(bootstrap))
            except psycopg.errors.InsufficientPrivilege as error:
                raise Misconfigured(
                    "the database has no roles anon, authenticated and service_role and its user"
                    " may not create them: let an administrator run"
                    " migrations/bootstrap/plain_postgres.sql once"
                ) from error
        await connection.execute(_HISTORY)


async def _apply(
    connection: psycopg.AsyncConnection, files: list[_Migration], file: _Migration
) -> bool:
    async with connection.transaction():
        await _lock(connection)
        # Read again under the lock: another process may have applied it meanwhile.
        if file not in _missing(files, await _applied(connection)):
            return False
        text = _sql(file.path)
        try:
            await connection.execute(text)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            raise Misconfigured(f"{file.path.name}: {_line(error)}") from error
        if connection.info.transaction_status != pq.TransactionStatus.INTRANS:
            raise Misconfigured(f"{file.path.name} ends its own transaction")
        await connection.execute(_RECORD, (file.version, [text], file.name))
    log.info("applied %s", file.path.name)
    return True


async def _lock(connection: psycopg.AsyncConnection) -> None:
    """For this transaction only, so that it works through a transaction pooler as well."""
    await connection.execute(f"set local lock_timeout = '{_WAIT_FOR_OTHERS}'")
    await connection.execute("set local statement_timeout = 0")
    await connection.execute("select pg_catalog.pg_advisory_xact_lock(%s)", (_LOCK,))
    await connection.execute(f"set local lock_timeout = '{_WAIT_FOR_TABLES}'")


def _sql(path: Path) -> LiteralString:
    """A file of ours, as trusted as the code itself."""
    try:
        return cast("LiteralString", path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} can't be read: {error}") from error


def _line(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error).strip() or type(error).__name__
    first = without_userinfo(text.splitlines()[0])
    return f"{first} ({error.sqlstate})" if error.sqlstate else first
