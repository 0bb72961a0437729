"""Keys, outages and recovery over REST, on a server that speaks as Supabase does."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest

from core.database.supabase import SupabaseDatabase
from core.errors import Misconfigured, Unavailable
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


@pytest.fixture
async def db(lite: Lite) -> AsyncIterator[SupabaseDatabase]:
    database = SupabaseDatabase(lite.url, lite.secret_key)
    await database.open()
    yield database
    await database.close()


@pytest.mark.parametrize("ending", ["0" * 32, "", "x" * 500])
async def test_a_wrong_key_is_refused_and_not_shown(lite: Lite, ending: str) -> None:
    key = lite.secret_key.replace(lite.secret_key[20:], ending)
    with pytest.raises(Misconfigured, match="SUPABASE_SECRET_KEY") as told:
        await SupabaseDatabase(lite.url, key).open()
    assert key not in str(told.value)


async def test_a_publishable_key_is_refused_before_it_is_sent(lite: Lite) -> None:
    with pytest.raises(Misconfigured, match="a publishable key"):
        await SupabaseDatabase(lite.url, lite.publishable_key).open()


@pytest.mark.parametrize("function", ["sign_in", "claim_turns", "service_state"])
async def test_the_public_key_may_call_nothing(lite: Lite, dsn: str, function: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        found = await connection.execute(
            "select coalesce(proargnames, '{}') from pg_proc where proname = %s", [function]
        )
        ((names,),) = await found.fetchall()
    address, body = f"{lite.url}/rest/v1/rpc/{function}", dict.fromkeys(names)
    async with httpx.AsyncClient() as http:
        public = await http.post(address, json=body, headers={"apikey": lite.publishable_key})
        assert (public.status_code, public.json()["code"]) == (401, "42501")
        assert (await http.post(address, json=body)).status_code == 401


async def test_a_server_that_is_away_is_unavailable_until_it_is_back(
    lite: Lite, db: SupabaseDatabase
) -> None:
    lite.stop()
    with pytest.raises(Unavailable):
        await db.call("echo", small=1)
    lite.ensure()
    assert (await db.call("echo", small=1))["small"] == 1


async def test_a_server_killed_between_calls_is_an_interruption(
    lite: Lite, db: SupabaseDatabase
) -> None:
    for number in range(3):
        assert (await db.call("echo", small=number))["small"] == number
        os.kill(lite.pid, signal.SIGKILL)
        with pytest.raises(Unavailable):
            await db.call("echo", small=number)
        lite.ensure()


async def test_connections_cut_behind_the_server_are_not_the_callers_trouble(
    db: SupabaseDatabase, dsn: str
) -> None:
    await db.call("echo", small=1)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    assert (await db.call("echo", small=2))["small"] == 2
