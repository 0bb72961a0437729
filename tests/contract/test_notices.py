"""Notices as the SQL functions promise them: once each, in order, and not lost."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from core.errors import LeaseLost
from core.notices import Notice, Notices


@pytest.fixture
def notices(db: Any) -> Notices:
    return Notices(db, per_second=1000)


async def put(dsn: str, user_id: str, *keys: str) -> list[bool]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        found: list[bool] = []
        for key in keys:
            cursor = await connection.execute(
                "select public._put_notice(%s, 'operators', %s::jsonb, %s)",
                (user_id, f'{{"text": "{key}"}}', key),
            )
            row = await cursor.fetchone()
            assert row
            found.append(row[0])
        return found


async def hurry(dsn: str) -> None:
    """All leases and pauses are over, and the budget is full."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("update public.notices set run_at = now() - interval '1 second'")
        await connection.execute(
            "update public.send_budget set refilled_at = now() - interval '1 minute',"
            " shut_until = '-infinity'"
        )


def told(notices: list[Notice]) -> list[str]:
    return [notice.content["text"] for notice in notices]


async def test_each_is_sent_once_and_in_order(someone: Any, notices: Notices, dsn: str) -> None:
    anna, boris = await someone(1, language_code="en"), await someone(2)
    assert await put(dsn, anna.user_id, "a1", "a2", "a1") == [True, True, False]
    assert await put(dsn, boris.user_id, "b1") == [True]
    await hurry(dsn)
    first, _ = await notices.claim(10)
    assert told(first) == ["a1", "b1"]
    assert (first[0].chat_id, first[0].language, first[1].language) == (1, "en", "ru")
    await hurry(dsn)
    await notices.delivered(first[0], 77)
    again, _ = await notices.claim(10)
    assert told(again) == ["a2", "b1"]
    with pytest.raises(LeaseLost):
        await notices.fail(first[1], "rejected")
    for notice in again:
        await notices.delivered(notice, 78)
    await hurry(dsn)
    assert await notices.claim(10) == ([], False)


async def test_who_blocked_the_bot_hears_it_when_they_are_back(
    someone: Any, notices: Notices, db: Any, dsn: str
) -> None:
    anna = await someone(1)
    await put(dsn, anna.user_id, "a1", "a2")
    for _ in range(2):
        await hurry(dsn)
        [notice] = (await notices.claim(10))[0]
        await notices.fail(notice, "blocked" if told([notice]) == ["a1"] else "rejected")
    await db.call("set_unreachable", telegram_id=1)
    await hurry(dsn)
    assert (await notices.claim(10))[0] == []
    await someone(1)
    await hurry(dsn)
    assert told((await notices.claim(10))[0]) == ["a1"]


async def test_the_budget_bounds_them_and_a_flood_shuts_it(someone: Any, db: Any, dsn: str) -> None:
    bounded = Notices(db, per_second=8)
    for number in range(1, 6):
        person = await someone(number)
        await put(dsn, person.user_id, f"n{number}")
    await hurry(dsn)
    claimed, more = await bounded.claim(10)
    assert len(claimed) == 2
    assert more
    await bounded.postpone(claimed[0], 60, "flood")
    assert (await bounded.claim(10))[0] == []


async def test_who_is_alone_on_the_database_takes_up_what_a_killed_process_left(
    someone: Any, notices: Notices, db: Any, dsn: str
) -> None:
    anna = await someone(1)
    await put(dsn, anna.user_id, "a1")
    await hurry(dsn)
    [before] = (await notices.claim(10))[0]
    assert (await db.call("release_leases"))["notices"] == 1
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "update public.send_budget set refilled_at = now() - interval '1 minute'"
        )
    [again] = (await notices.claim(10))[0]
    assert (again.id, again.attempt) == (before.id, 2)
    assert again.lease != before.lease
