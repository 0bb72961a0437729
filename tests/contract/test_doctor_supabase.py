"""The doctor before a Supabase project, on a server that the project did not write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.checkup import Result
from core.checkup.clock import Clock
from core.checkup.examination import examine
from core.checkup.parts import Parts
from core.checkup.whole import database_checks, storage_checks
from core.settings import CoreSettings
from tests.supabase.ground import SupabaseGround
from tests.supabase.lite import Lite

pytestmark = pytest.mark.timeout(600)  # npm packages may have to be installed first


@pytest.fixture
async def dsn(supabase_ground: SupabaseGround) -> str:
    return await supabase_ground.fresh()


@pytest.fixture
def lite(supabase_ground: SupabaseGround, dsn: str) -> Iterator[Lite]:
    yield supabase_ground.lite
    supabase_ground.lite.ensure()


async def examined(lite: Lite, folder: Path, **given: Any) -> dict[str, Result]:
    told = {"supabase_url": lite.url, "supabase_secret_key": lite.secret_key, **given}
    parts = Parts(CoreSettings(_env_file=None, data_dir=folder, **told), Clock())  # type: ignore[call-arg]
    try:
        checks = [*database_checks(parts), *storage_checks(parts)]
        return {result.name: result async for result in examine(checks)}
    finally:
        await parts.close()


async def rows(dsn: str, query: str) -> Any:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchall() if cursor.description else None


async def test_a_project_that_works_is_as_it_was(lite: Lite, dsn: str, tmp_path: Path) -> None:
    found = await examined(lite, tmp_path)
    assert {name: result.status for name, result in found.items()} == {
        "database": "ok",
        "database version": "ok",
        "migrations": "ok",
        "database writes": "ok",
        "file store": "ok",
        "disk space": "ok",
    }, found
    assert "127.0.0.1" in found["database"].found
    assert await rows(dsn, "select * from public.locks") == []


async def test_what_nobody_applies_but_the_operator_is_a_failure(
    lite: Lite, dsn: str, tmp_path: Path
) -> None:
    history = "supabase_migrations.schema_migrations"
    await rows(dsn, f"delete from {history} where version = (select max(version) from {history})")
    found = await examined(lite, tmp_path)
    assert found["migrations"].status == "failed"
    assert "supabase db push" in found["migrations"].advice
    assert found["database writes"].found == "because «migrations» failed"


async def test_a_key_that_is_refused(lite: Lite, tmp_path: Path) -> None:
    wrong = "sb_secret_of-nobody-at-all"
    found = await examined(lite, tmp_path, supabase_secret_key=wrong)
    assert found["database"].status == found["file store"].status == "failed"
    assert "SUPABASE_SECRET_KEY" in found["database"].found
    assert wrong not in str(found)
