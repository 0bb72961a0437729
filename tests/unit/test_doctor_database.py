"""The doctor before a real database, whole and in every way broken; it leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core import Core, Profile
from core.checkup import Check, Result
from core.checkup.clock import Clock
from core.checkup.examination import examine
from core.checkup.parts import Parts
from core.checkup.whole import database_checks
from core.database.moved import Mark, write_mark
from core.settings import CoreSettings
from tests.database import TestServer, reachable_folder


def settings(folder: Path, **given: Any) -> CoreSettings:
    unset: dict[str, Any] = {"database_url": "", "supabase_url": "", "supabase_secret_key": ""}
    return CoreSettings(_env_file=None, data_dir=folder, **{**unset, **given})  # type: ignore[call-arg]


async def examined(given: CoreSettings) -> dict[str, Result]:
    clock = Clock()
    parts = Parts(given, clock)
    checks = database_checks(parts)
    checks.append(Check("clock", clock.check, after=tuple(check.name for check in checks)))
    try:
        return {result.name: result async for result in examine(checks)}
    finally:
        await parts.close()


@asynccontextmanager
async def sql(dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        yield connection


async def one(dsn: str, query: str) -> Any:
    async with sql(dsn) as connection:
        row = await (await connection.execute(query.encode())).fetchone()
    assert row
    return row[0]


async def test_all_is_well_and_nothing_is_left(dsn: str, tmp_path: Path) -> None:
    found = await examined(settings(tmp_path, database_url=dsn))
    assert {name: result.status for name, result in found.items()} == {
        "database": "ok",
        "database version": "ok",
        "migrations": "ok",
        "database writes": "ok",
        "clock": "ok",
    }
    assert "PostgreSQL 18." in found["database version"].found
    assert await one(dsn, "select count(*) from locks") == 0


async def test_a_lease_of_a_bot_at_work_stays_its_own(dsn: str, tmp_path: Path) -> None:
    async with sql(dsn) as connection:
        await connection.execute(
            b"with u as (insert into users default values returning id), v as (insert into visions"
            b" (user_id, title) select id, 'x' from u returning id, user_id)"
            b" insert into turn_queue (vision_id, user_id, lease, lease_by)"
            b" select id, user_id, 'lease', 'a bot' from v"
        )
    await examined(settings(tmp_path, database_url=dsn))
    assert await one(dsn, "select lease_by from turn_queue") == "a bot"


async def test_what_the_bot_would_apply_is_a_warning_and_writes_wait(
    dsn: str, tmp_path: Path
) -> None:
    newest = "select version from supabase_migrations.schema_migrations order by 1 desc limit 1"
    version = await one(dsn, newest)
    async with sql(dsn) as connection:
        await connection.execute(
            b"delete from supabase_migrations.schema_migrations where version = (%s)"
            % newest.encode()
        )
    found = await examined(settings(tmp_path, database_url=dsn))
    assert found["migrations"].status == "warning"
    assert version in found["migrations"].found
    assert "bot migrate" in found["migrations"].advice
    assert found["database writes"].status == "skipped"


async def test_an_empty_database_is_there_and_lacks_everything(
    database_server: TestServer, tmp_path: Path
) -> None:
    dsn = await database_server.fresh(migrated=False)
    found = await examined(settings(tmp_path, database_url=dsn))
    assert [found[n].status for n in ("database", "database version", "migrations")] == [
        "ok",
        "ok",
        "warning",
    ]
    assert "PostgreSQL 18." in found["database version"].found
    assert await one(dsn, "select to_regclass('public.users') is null")
    await database_server.drop(dsn)


async def test_a_newer_database_wants_a_newer_bot(dsn: str, tmp_path: Path) -> None:
    async with sql(dsn) as connection:
        await connection.execute(
            b"insert into supabase_migrations.schema_migrations (version) values ('20990101000000')"
        )
    result = (await examined(settings(tmp_path, database_url=dsn)))["migrations"]
    assert result.status == "failed"
    assert "20990101000000" in result.found
    assert result.advice.startswith("Update the bot")


async def test_a_hole_in_the_history_is_told(dsn: str, tmp_path: Path) -> None:
    async with sql(dsn) as connection:
        await connection.execute(
            b"delete from supabase_migrations.schema_migrations where version ="
            b" (select min(version) from supabase_migrations.schema_migrations)"
        )
    result = (await examined(settings(tmp_path, database_url=dsn)))["migrations"]
    assert result.status == "failed"
    assert "newer ones are applied" in result.found


async def test_a_database_that_takes_no_writes(dsn: str, tmp_path: Path) -> None:
    name = conninfo_to_dict(dsn)["dbname"]
    async with sql(dsn) as connection:
        await connection.execute(
            f"alter database {name} set default_transaction_read_only = on".encode()
        )
    result = (await examined(settings(tmp_path, database_url=dsn)))["database writes"]
    assert result.status == "failed"
    assert "no writes" in result.found


async def test_the_databases_clock_is_read(dsn: str, tmp_path: Path) -> None:
    async with sql(dsn) as connection:
        await connection.execute(
            b"alter function service_state() rename to true_state;"
            b"create function service_state() returns jsonb language sql as $$ select"
            b" true_state() || jsonb_build_object('now', now() + interval '20 minutes') $$"
        )
    result = (await examined(settings(tmp_path, database_url=dsn)))["clock"]
    assert result.status == "failed"
    assert "20 min behind that of the database" in result.found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": "nobody_of_that_name", "password": "hidden-pass-word"}, "nobody_of_that_name"),
        ({"dbname": "no_such_database"}, "no_such_database"),
        ({"host": "127.0.0.1", "port": "1"}, "refused"),
    ],
)
async def test_what_does_not_let_us_in_is_told_without_the_password(
    dsn: str, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    found = await examined(
        settings(tmp_path, database_url=make_conninfo(dsn, sslmode="disable", **change))
    )
    assert found["database"].status == "failed"
    assert words in found["database"].found
    assert "hidden-pass-word" not in str(found)
    assert "DATABASE_URL" in found["database"].advice
    assert found["database writes"].found == "because «database» failed"


async def test_a_server_that_never_answers_is_not_waited_for(tmp_path: Path) -> None:
    # The kernel accepts, and nobody ever reads.
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        url = f"postgresql://u:p@127.0.0.1:{port}/d?sslmode=disable"
        result = (await examined(settings(tmp_path, database_url=url)))["database"]
    assert result.status == "failed"
    assert result.milliseconds < 30_000


async def test_no_embedded_database_is_made_for_a_look(tmp_path: Path) -> None:
    found = await examined(settings(tmp_path))
    assert found["database"].status == "skipped"
    assert "first start" in found["database"].found
    assert list(tmp_path.iterdir()) == []


async def test_a_link_to_a_lost_folder_is_not_taken_for_a_fresh_start(tmp_path: Path) -> None:
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")
    result = (await examined(settings(tmp_path)))["database"]
    assert result.status == "failed"
    assert "gone" in result.found


@pytest.mark.parametrize(
    ("done", "advice"), [(True, "Set DATABASE_URL"), (False, "Run `python -m bot move` again.")]
)
async def test_data_that_were_moved_are_followed(tmp_path: Path, done: bool, advice: str) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("18")
    write_mark(tmp_path / "postgres", Mark("new.example/x", "2026-11-20 10:00", "1", done))
    result = (await examined(settings(tmp_path)))["database"]
    assert result.status == "failed"
    assert "new.example/x" in result.found
    assert result.advice.startswith(advice)


async def test_a_project_out_of_reach_is_no_wrong_key(tmp_path: Path) -> None:
    given = {"supabase_url": "http://127.0.0.1:1", "supabase_secret_key": "sb_secret_of_nobody"}
    result = (await examined(settings(tmp_path, **given)))["database"]
    assert result.status == "failed"
    assert result.found.startswith("127.0.0.1 can't be reached")
    assert "network" in result.advice
    assert "KEY" not in result.advice


async def test_a_bot_may_ask_for_it_itself() -> None:
    with reachable_folder() as folder:
        given = settings(folder / "data", openai_api_key="any")
        core = Core(given)
        await core.open()
        try:
            found = await examined(given)
            assert {result.status for name, result in found.items() if name != "clock"} == {"ok"}
            # Its own database has not gone with the guest's.
            assert await core.users.sign_in(1, Profile("Анна"), "tg:1")
        finally:
            await core.close()
        assert not (folder / "data" / "postgres" / "data" / "postmaster.pid").exists()
