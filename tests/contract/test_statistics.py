"""Numbers of the operators, held against what is reckoned from the rows one by one."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Forbidden, NotFound
from core.isolated.processes import IsolatedProcesses
from core.statistics import Numbers, Statistics, Totals
from tests.contract.grounds import Ground
from tests.statistics_world import (
    TABLES,
    Rows,
    Writer,
    by_name,
    delays,
    make_world,
    midnight,
    nearest_rank,
    read_rows,
    totals,
    writers,
)

ADMIN = "console:test"
OFF = 1.1**0.5 + 0.001
"""How far a percentile from buckets may be from the true one, and its rounding."""

DAY = timedelta(days=1)
COUNTED = "select coalesce(jsonb_agg(to_jsonb(t) order by to_jsonb(t)::text), '[]') from {table} t"
ROLLED = ("statistics_days", "statistics_delays", "statistics_calls", "active_people")


@pytest.fixture
async def statistics(db: Any) -> AsyncIterator[Statistics]:
    isolated = IsolatedProcesses()
    yield Statistics(db, isolated)
    await isolated.close()


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        yield connection


async def counted(connection: psycopg.AsyncConnection[Any]) -> list[Any]:
    """All that has been counted, as it is stored."""
    found: list[Any] = []
    for table in ROLLED:
        cursor = await connection.execute(COUNTED.format(table=table).encode())
        found.append((await cursor.fetchone() or [None])[0])
    return found


async def count_all(db: Any) -> None:
    while (await db.call("count_statistics"))["state"] != "done":
        pass


def check_totals(told: Totals, reckoned: dict[str, Any]) -> None:
    shown = {name: getattr(told, name) for name in reckoned}
    for name in ("heard_seconds", "spoken_seconds"):
        assert shown.pop(name) == pytest.approx(reckoned[name])
    assert shown == {name: reckoned[name] for name in shown}


def check_delays(told: Totals, waits: list[float]) -> None:
    for share, shown in ((0.5, told.p50), (0.95, told.p95)):
        true = nearest_rank(waits, share)
        if true is None:
            assert shown is None
        else:
            assert shown is not None
            true = max(true, 0.1)
            assert true / OFF <= shown <= true * OFF


def check_numbers(numbers: Numbers, rows: Rows, days: int) -> None:
    at, today = numbers.at, midnight(numbers.last)
    first = midnight(numbers.first)
    assert numbers.whole
    assert (today - first).days == days - 1
    now = (first, at)
    before = (first - days * DAY, first - DAY + (at - today))
    check_totals(numbers.now, totals(rows, now))
    check_totals(numbers.before, totals(rows, before))
    check_delays(numbers.now, delays(rows, [now]))
    check_delays(numbers.before, delays(rows, [before]))
    assert numbers.came_back == len(writers(rows, [now]) & writers(rows, [before]))
    for key, shares in (("model", numbers.models), ("purpose", numbers.purposes)):
        shown = {s.name: (s.calls, s.tokens, s.usd, s.unpriced) for s in shares}
        assert shown == by_name(rows, key, now)


async def check_days(statistics: Statistics, rows: Rows, days: int) -> None:
    each = await statistics.days(ADMIN, days)
    assert [(day.day - each[0].day).days for day in each] == list(range(days))
    for day in each:
        span = (midnight(day.day), midnight(day.day) + DAY)
        check_totals(day.totals, totals(rows, span))
        check_delays(day.totals, delays(rows, [span]))
    calls = [call async for call in statistics.calls(ADMIN, days)]
    assert [(c.day, c.model, c.purpose) for c in calls] == sorted(
        {(c.day, c.model, c.purpose) for c in calls}
    )
    assert sum(call.tokens for call in calls) == sum(day.totals.tokens for day in each)
    assert sum(call.prompt_tokens + call.completion_tokens for call in calls) == sum(
        call.tokens for call in calls
    )
    assert sum(call.usd or 0 for call in calls) == sum(day.totals.usd or 0 for day in each)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
async def test_every_number_is_what_the_rows_say(
    statistics: Statistics, connection: psycopg.AsyncConnection[Any], dsn: str, seed: int
) -> None:
    await connection.execute(f"truncate {TABLES} cascade".encode())
    await connection.execute(b"insert into statistics_state default values")
    async with connection.transaction():
        await make_world(connection, random.Random(seed), datetime.now(UTC))
    rows = await read_rows(dsn)
    for days in (1, 7, 30, 31):
        check_numbers(await statistics.numbers(ADMIN, days), rows, days)
    await check_days(statistics, rows, 66)


async def test_a_count_that_is_killed_or_made_by_two_at_once_comes_to_the_same(
    db: Any, ground: Ground, connection: psycopg.AsyncConnection[Any], dsn: str
) -> None:
    async with connection.transaction():
        await make_world(connection, random.Random(7), datetime.now(UTC))
    other = ground.transport(dsn)
    await other.open()
    try:
        for step in range(20):
            # A process that dies before its step is stored.
            async with connection.transaction(force_rollback=True):
                await connection.execute(b"select public.count_statistics()")
            if step % 2:
                await db.call("count_statistics")
        await asyncio.gather(count_all(db), count_all(other))
    finally:
        await other.close()
    interrupted = await counted(connection)
    assert len(interrupted[0]) > 20
    for _ in range(3):
        await count_all(db)
    assert await counted(connection) == interrupted
    await connection.execute(
        f"truncate {', '.join(ROLLED)}; update statistics_state set upto = null".encode()
    )
    await count_all(db)
    assert await counted(connection) == interrupted


async def test_while_one_counts_another_is_told_so(
    db: Any, connection: psycopg.AsyncConnection[Any]
) -> None:
    await Writer(connection).person("a", datetime.now(UTC) - 3 * DAY)
    async with connection.transaction():
        await connection.execute(b"select public.count_statistics()")
        assert await db.call("count_statistics") == {"state": "busy"}
    assert (await db.call("count_statistics"))["state"] in ("more", "done")


async def test_what_comes_after_midnight_is_of_the_new_day_and_nothing_is_counted_twice(
    db: Any, statistics: Statistics, connection: psycopg.AsyncConnection[Any]
) -> None:
    write = Writer(connection)
    now = datetime.now(UTC)
    night = midnight(now.date()) - 2 * DAY
    vision = await write.person("a", night - timedelta(hours=2))
    asked = await write.message(vision, night - timedelta(seconds=40))
    answer = await write.part(vision, asked, 1, night - timedelta(seconds=20))
    await write.held("a", night - timedelta(seconds=10), "held")
    await count_all(db)

    # The delivery comes late, and so does the moment at which the held words are sent on.
    await connection.execute(
        b"update deliveries set delivered_at = %s where message_id = %s",
        (now - timedelta(seconds=1), answer),
    )
    await connection.execute(b"delete from held_messages")
    await write.message(vision, night - timedelta(seconds=10), sent_at=now)
    first, second, _, third = await statistics.days(ADMIN, 4)

    assert (first.totals.messages, first.totals.answers, first.totals.active) == (2, 1, 1)
    assert first.totals.p50 is None
    assert (second.totals.messages, second.totals.active) == (0, 0)
    assert (third.totals.messages, third.totals.answers, third.totals.active) == (0, 0, 0)
    waited = (now - timedelta(seconds=1) - night + timedelta(seconds=40)).total_seconds()
    check_delays(third.totals, [waited])


async def test_a_world_reckoned_by_hand(
    statistics: Statistics, connection: psycopg.AsyncConnection[Any]
) -> None:
    write = Writer(connection)
    now = datetime.now(UTC)
    long_ago = now - timedelta(days=40)
    anna, boris = await write.person("a", long_ago), await write.person("b", long_ago)
    vera = await write.person("v", now - timedelta(seconds=30))
    for number, seconds in enumerate([1] * 18 + [8, 60]):
        at = now - timedelta(days=2, seconds=number)
        asked = await write.message(anna, at)
        await write.part(anna, asked, 1, at, delivered=at + timedelta(seconds=seconds))
    await write.message(anna, now - timedelta(days=9))
    await write.message(boris, now - timedelta(days=9))
    await write.message(vera, now - timedelta(seconds=9))
    await write.failed_turn(vera, now - timedelta(seconds=5))
    # Of the companion's own accord: no answer to anybody.
    await connection.execute(
        b"insert into vision_messages (vision_id, anchor, sender, created_at)"
        b" values (%s, 99999, 'assistant', %s)",
        (anna, now - timedelta(seconds=3)),
    )
    at = now - timedelta(hours=1)
    priced = {"purpose": "dialogue", "outcome": "ok", "usd": 0.25}
    await write.call("a", at, "gpt", 1000, priced)
    await write.call("b", at, "gpt", 10, priced | {"usd": 0.0025})
    heard = {"purpose": "hearing", "outcome": "ok", "audio_seconds": 90.5}
    await write.call("a", at, "whisper", 0, heard)
    await write.call("a", at, "whisper", 0, heard | {"outcome": "failed"})

    numbers = await statistics.numbers(ADMIN, 7)
    assert numbers.now == Totals(
        active=2,
        newcomers=1,
        messages=21,
        answers=20,
        failed_turns=1,
        failed_deliveries=0,
        p50=numbers.now.p50,
        p95=numbers.now.p95,
        heard_seconds=90.5,
        spoken_seconds=0,
        tokens=1010,
        usd=Decimal("0.2525"),
        unpriced=2,
        liked=0,
        disliked=0,
    )
    check_delays(numbers.now, [1.0] * 18 + [8.0, 60.0])
    assert numbers.now.p95 == pytest.approx(8, rel=0.05)
    assert (numbers.before.active, numbers.before.messages, numbers.came_back) == (2, 2, 1)
    assert [(s.name, s.tokens, s.usd, s.unpriced) for s in numbers.models] == [
        ("gpt", 1010, Decimal("0.2525"), 0),
        ("whisper", 0, None, 2),
    ]


async def test_a_person_who_writes_every_day_is_one_person_and_came_back(
    db: Any, statistics: Statistics, connection: psycopg.AsyncConnection[Any]
) -> None:
    write = Writer(connection)
    now = datetime.now(UTC)
    vision = await write.person("a", now - 70 * DAY)
    for day in range(70):
        await write.message(vision, now - day * DAY - timedelta(microseconds=1))
    for days in (1, 7, 30, 31):
        numbers = await statistics.numbers(ADMIN, days)
        assert numbers.now.active == 1
        assert numbers.before.active == numbers.came_back == 1
        assert numbers.now.messages == days

    await connection.execute(b"delete from users")
    numbers = await statistics.numbers(ADMIN, 30)
    assert (numbers.now.active, numbers.came_back) == (0, 0)
    assert numbers.now.messages >= 29


async def test_days_ask_for_no_more_and_no_less_than_there_may_be(statistics: Statistics) -> None:
    assert len(await statistics.days(ADMIN, 100_000)) == 366
    assert len(await statistics.days(ADMIN, -5)) == 1
    numbers = await statistics.numbers(ADMIN, 1000)
    assert (numbers.last - numbers.first).days == 30
    assert numbers.whole


async def test_who_spends_and_on_which_of_their_visions(
    someone: Any, statistics: Statistics, db: Any
) -> None:
    people = [await someone(number, first_name=f"Имя {number}") for number in (1, 2, 3)]
    anna, boris, _ = people
    visions = [await anna.creates(title) for title in ("Тайна", "Другая тайна")]
    spent = [
        (anna, visions[1]["id"], 300, 0.5),
        (anna, visions[1]["id"], 200, None),
        (anna, visions[0]["id"], 100, None),
        (anna, None, 50, None),
        (boris, visions[0]["id"], 600, 0.001),
    ]
    for number, (person, vision, tokens, usd) in enumerate(spent):
        await db.call(
            "log_tokens",
            clientid=person.user_id,
            clienttype="user",
            provider="p",
            model="m",
            prompttokens=tokens,
            completiontokens=0,
            totaltokens=tokens,
            rawusage={},
            meta={"visionid": vision, "usd": usd},
            call_key=f"k{number}",
        )

    top = await statistics.top_spenders(ADMIN, 7, 0, 10)
    assert top.total == 2
    assert [(s.user_id, s.name, s.tokens, s.usd) for s in top.items] == [
        (anna.user_id, "Имя 1", 650, Decimal("0.5")),
        (boris.user_id, "Имя 2", 600, Decimal("0.001")),
    ]
    assert (await statistics.top_spenders(ADMIN, 7, 1, 10)).items == top.items[1:]

    mine = await statistics.tokens_by_vision(ADMIN, anna.user_id, 1)
    assert [(i.number, i.vision_id, i.calls, i.tokens, i.usd) for i in mine.items] == [
        (2, visions[1]["id"], 2, 500, Decimal("0.5")),
        (1, visions[0]["id"], 1, 100, None),
        (None, None, 1, 50, None),
    ]
    assert (mine.tokens, mine.usd) == (650, Decimal("0.5"))
    assert "тайна" not in str(mine).lower()
    assert await statistics.tokens_by_vision(ADMIN, f"#{top.items[0].ref}", 1) == mine
    # Somebody else's vision that a row names is nobody's.
    theirs = await statistics.tokens_by_vision(ADMIN, boris.user_id, 1)
    assert [(i.number, i.vision_id, i.tokens) for i in theirs.items] == [(None, None, 600)]
    with pytest.raises(NotFound):
        await statistics.tokens_by_vision(ADMIN, "nobody", 1)


async def test_only_admins_read_numbers(someone: Any, statistics: Statistics, db: Any) -> None:
    refused = ["nobody", ""]
    for number, level in enumerate(("guest", "member", "blocked"), 1):
        person = await someone(number)
        refused.append(person.user_id)
        await db.call("set_level", admin_id=ADMIN, user_id=person.user_id, level=level)
    for who in refused:
        for read in (
            statistics.numbers(who, 7),
            statistics.days(who, 7),
            anext(statistics.calls(who, 7)),
            statistics.top_spenders(who, 7, 0, 10),
            statistics.tokens_by_vision(who, who, 7),
            db.call("tokens_by_vision", admin_id=who, user_id=who, days=7),
        ):
            with pytest.raises(Forbidden, match="not_admin"):
                await read


def test_every_field_of_totals_is_reckoned() -> None:
    empty = totals(Rows([], [], [], [], [], []))
    named = {field.name for field in dataclasses.fields(Totals)}
    assert named - set(empty) == {"p50", "p95"}
