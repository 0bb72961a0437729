"""Locks are taken in one order: an erasure, somebody's visions, the person, what waits for them.

Whoever waits for a vision here must hold nothing that whoever has the vision may want next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from tests.database import TestServer

WAITS = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
PEOPLE = """
insert into users (id, level) values ('anna', null), ('boss', 'admin'), ('vera', 'admin');
insert into telegram_accounts (telegram_id, user_id) values (1, 'anna'), (2, 'boss'), (3, 'vera');
insert into visions (user_id, title) values ('anna', 'Дом у моря');
update users set active_vision_id = (select id from visions) where id = 'anna';
insert into erasures (user_id, nonce, offered_until, asked_at)
  values ('anna', 'yes', 'infinity', now())
"""
ACTS = {
    "freeze_current": "freeze_current('anna', 'key')",
    "set_level": "set_level('boss', 'anna', 'blocked')",
    "request_erasure": "request_erasure('anna', 'yes', 7)",
    "erase_user": "erase_user('boss', 'anna', 7)",
    "keep_user": "keep_user('boss', 'anna')",
    "cancel_erasure": "cancel_erasure('anna')",
}


@pytest.fixture
async def dsn(database_server: TestServer) -> AsyncIterator[str]:
    dsn = await database_server.fresh()
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        for statement in PEOPLE.split(";\n"):
            await connection.execute(statement.encode())
    yield dsn
    await database_server.drop(dsn)


async def connected(dsn: str) -> psycopg.AsyncConnection[Any]:
    options = "-c lock_timeout=10s -c search_path=public"
    return await psycopg.AsyncConnection.connect(dsn, options=options)


async def waits(dsn: str, connection: psycopg.AsyncConnection[Any]) -> None:
    """Until it does, for a lock."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as watch:
        while True:
            found = await watch.execute(WAITS, [connection.info.backend_pid])
            if await found.fetchone() == (True,):
                return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("act", ACTS)
async def test_who_waits_for_a_vision_does_not_hold_its_person(dsn: str, act: str) -> None:
    async with await connected(dsn) as first, await connected(dsn) as second:
        await first.execute("select from visions where user_id = 'anna' for update")
        doing = asyncio.create_task(second.execute(f"select {ACTS[act]}".encode()))
        await waits(dsn, second)
        # As `activate_vision` does, and `receive_message` by a reference.
        await first.execute("set local lock_timeout = '1s'")
        await first.execute("update users set updated_at = now() where id = 'anna'")
        await first.commit()
        await doing


async def test_two_admins_may_write_to_the_operators_at_one_moment(dsn: str) -> None:
    async with await connected(dsn) as first, await connected(dsn) as second:
        await second.execute("set lock_timeout = '1s'")
        for connection, who in ((first, "boss"), (second, "vera")):
            given = f"give_feedback('{who}', 'text', 'Слово.', null, null, null, 'by {who}', 5)"
            await connection.execute(f"select {given}".encode())
        await first.commit()
        await second.commit()
