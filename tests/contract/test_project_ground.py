"""The ground for tests on a real project, tried on the compatible server: it must never empty what
is not its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from tests.database import CALLS, TestServer
from tests.supabase.lite import Lite
from tests.supabase.project import NotThrowAway, ProjectGround, guard

pytestmark = pytest.mark.timeout(600)
PEOPLE = "select count(*) from public.users"


@pytest.fixture
async def dsn(database_server: TestServer) -> AsyncIterator[str]:
    fresh = await database_server.fresh()
    yield fresh
    await database_server.drop(fresh)


def people(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute(PEOPLE).fetchone()


async def test_it_empties_what_tests_have_made(dsn: str, tmp_path: Path) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(CALLS.read_bytes())  # the server sees only what was there at its start
    lite = Lite(dsn, tmp_path)
    lite.ensure()
    try:
        ground = ProjectGround(lite.url, lite.secret_key, dsn)
        await ground.prepare()
        db = ground.transport(dsn)
        await db.open()
        await db.call("sign_in", telegram_id=1, profile={}, source_key="s")
        await db.close()
        assert people(dsn) == (1,)
        await ground.leave()
        assert people(dsn) == (0,)
        with psycopg.connect(dsn) as connection:
            left = connection.execute("select to_regproc('public.echo')").fetchone()
        assert left == (None,)
    finally:
        lite.stop()


def test_a_project_with_people_is_refused_and_untouched(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("insert into public.users default values")
    with pytest.raises(NotThrowAway, match="people"):
        guard(dsn)
    assert people(dsn) == (1,)


async def test_a_project_of_somebody_elses_is_refused(database_server: TestServer) -> None:
    dsn = await database_server.fresh(migrated=False)
    guard(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("create table public.invoices (id int)")
    with pytest.raises(NotThrowAway, match="tables of its own"):
        await ProjectGround("https://x.test", "sb_secret_for_a_test", dsn).prepare()
    await database_server.drop(dsn)
