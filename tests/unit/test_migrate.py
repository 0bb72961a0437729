"""The migration runner on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate
from core.errors import Misconfigured, Unavailable
from tests.database import MIGRATIONS, TestServer, reachable_folder

FIRST = "20260101000000_first.sql"
SECOND = "20260102000000_second.sql"


@pytest.fixture
async def empty(database_server: TestServer) -> AsyncIterator[str]:
    dsn = await database_server.fresh(migrated=False)
    yield dsn
    await database_server.drop(dsn)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bootstrap").symlink_to(MIGRATIONS / "bootstrap")
    (tmp_path / FIRST).write_text("create table first (id int); insert into first values (1);")
    (tmp_path / SECOND).write_text("create table second (id int);")
    return tmp_path


async def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchall() if cursor.description else []


async def test_applies_what_is_missing_and_keeps_supabases_history(
    empty: str, folder: Path
) -> None:
    assert await migrate(empty, folder) == [FIRST, SECOND]
    assert await migrate(empty, folder) == []
    (folder / "20260103000000_third.sql").write_text("insert into first values (2);")
    assert await migrate(empty, folder) == ["20260103000000_third.sql"]
    history = "select version, name, statements[1] from supabase_migrations.schema_migrations"
    assert ("20260102000000", "second", "create table second (id int);") in await rows(
        empty, history
    )
    assert await rows(empty, "select count(*) from first") == [(2,)]


async def test_racing_runners_apply_each_file_once(empty: str, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(empty, folder) for _ in range(4)))
    assert sorted(name for names in applied for name in names) == [FIRST, SECOND]
    assert await rows(empty, "select count(*) from first") == [(1,)]


async def test_a_file_that_fails_half_way_leaves_nothing(empty: str, folder: Path) -> None:
    (folder / SECOND).write_text("create table half (id int); select 1 / 0;")
    with pytest.raises(Misconfigured, match=rf"{SECOND}: division by zero \(22012\)"):
        await migrate(empty, folder)
    assert await rows(empty, "select to_regclass('half')") == [(None,)]
    assert await rows(empty, "select to_regclass('first') is not null") == [(True,)]
    (folder / SECOND).write_text("create table half (id int);")
    assert await migrate(empty, folder) == [SECOND]


async def test_a_database_newer_than_the_code_is_refused(empty: str, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / SECOND).unlink()
    with pytest.raises(Misconfigured, match=r"20260102000000.*update the bot"):
        await migrate(empty, folder)


async def test_a_file_older_than_what_is_applied_is_refused(empty: str, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "20260101120000_between.sql").write_text("select 1;")
    with pytest.raises(Misconfigured, match=r"20260101120000_between\.sql is older"):
        await migrate(empty, folder)


@pytest.mark.parametrize(
    ("name", "word"),
    [("2026_short.sql", "is not named"), ("20260101000000_again.sql", "same version")],
)
async def test_names_are_checked_before_anything_is_touched(
    empty: str, folder: Path, name: str, word: str
) -> None:
    (folder / name).write_text("select 1;")
    with pytest.raises(Misconfigured, match=word):
        await migrate(empty, folder)
    assert await rows(empty, "select to_regclass('first')") == [(None,)]


async def test_a_file_may_not_end_its_own_transaction(empty: str, folder: Path) -> None:
    (folder / SECOND).write_text("create table second (id int); commit;")
    with pytest.raises(Misconfigured, match="ends its own transaction"):
        await migrate(empty, folder)


async def test_an_unreachable_server_is_worth_another_try(folder: Path) -> None:
    with pytest.raises(Unavailable):
        await migrate(f"host={folder} user=postgres dbname=postgres", folder)


async def test_a_plain_server_gets_the_roles_or_a_word_on_who_can_make_them(folder: Path) -> None:
    with reachable_folder() as place:
        postgres = EmbeddedPostgres(place / "postgres", settings={"fsync": "off"})
        admin = await postgres.start()
        try:
            await rows(admin, "create role owner login")
            await rows(admin, "create database app owner owner")
            as_owner = make_conninfo(admin, user="owner", dbname="app")
            with pytest.raises(Misconfigured, match="let an administrator run"):
                await migrate(as_owner, folder)

            administrators = (MIGRATIONS / "bootstrap" / "plain_postgres.sql").read_text()
            as_admin = make_conninfo(admin, dbname="app")
            for _ in range(2):  # harmless to repeat
                await rows(as_admin, administrators)
            await rows(as_admin, "grant create on schema public to owner")
            assert await migrate(as_owner, folder) == [FIRST, SECOND]
        finally:
            await postgres.stop()
