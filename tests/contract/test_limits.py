"""Limits, as the SQL functions promise them."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import psycopg
import pytest

Signed = Any

_LEVELS = ("guest", "member", "admin")


@pytest.fixture
def policy(db: Any) -> Any:
    """Sets what is bounded for everybody; the rest has no bound."""

    async def setting(
        *, mode: str = "open", guest_messages: int = 5, budget: Any = None, **bounds: int
    ) -> None:
        await db.call(
            "set_policy",
            policy={
                "mode": mode,
                "guest_messages": guest_messages,
                "admin_telegram_ids": [],
                "limits": dict.fromkeys(_LEVELS, bounds),
                "budget": budget or {"tokens_per_day": 0, "usd_per_day": 0},
            },
        )

    return setting


@pytest.fixture
def sql(dsn: str) -> Any:
    async def execute(statement: str, *values: Any) -> list[Any]:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    return execute


@pytest.fixture
def spends(db: Any) -> Any:
    keys = itertools.count()

    async def call(user_id: str, tokens: int, usd: float = 0, key: str | None = None) -> None:
        await db.call(
            "log_tokens",
            clientid=user_id,
            clienttype="user",
            provider="p",
            model="m",
            prompttokens=tokens,
            completiontokens=0,
            totaltokens=tokens,
            rawusage={},
            meta={"usd": usd} if usd else {},
            call_key=key or f"call:{next(keys)}",
        )

    return call


async def an_hour_passes(sql: Any) -> None:
    await sql("update usage_days set minute_at = minute_at - interval '1 hour'")


async def a_day_passes(sql: Any) -> None:
    await sql("update usage_days set day = day - 1, minute_at = minute_at - interval '1 day'")
    await sql("update usage_totals set day = day - 1")


async def test_what_is_over_the_minute_is_held_told_once_and_sent_on(
    someone: Signed, policy: Any, sql: Any, worker: Any
) -> None:
    await policy(messages_per_minute=2)
    anna = await someone()
    vision = await anna.creates()
    said = [await anna.says(f"слово {n}", key=f"k{n}") for n in range(4)]

    assert [row["state"] for row in said] == ["stored", "stored", "limited", "limited"]
    assert [row.get("say") for row in said] == [None, None, True, False]
    assert said[2]["reason"] == "minute"
    assert said[3]["held"] == 2
    again = await anna.says("слово 2", key="k2")
    assert (again["state"], again["duplicate"], again["say"]) == ("limited", True, True)

    early = await anna.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert (early["sent"], early["left"], early["limit"]["reason"]) == (0, 2, "minute")
    await an_hour_passes(sql)
    sent = await anna.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert (sent["sent"], sent["left"], sent["limit"]) == (2, 0, None)
    assert await anna.hears(vision["id"]) == [("user", f"слово {n}") for n in range(4)]
    repeated = await anna.says("слово 2", key="k2")
    assert (repeated["state"], repeated["duplicate"]) == ("stored", True)
    [turn] = await worker.claims()
    assert len(turn["unanswered"]) == 4


async def test_who_is_still_writing_an_hour_later_is_told_again(
    someone: Signed, policy: Any, sql: Any
) -> None:
    await policy(messages_per_day=1)
    anna = await someone()
    await anna.creates()
    said = [(await anna.says("я")).get("say") for _ in range(3)]
    await sql("update usage_days set told_at = told_at - interval '61 minutes'")
    said += [(await anna.says("я"))["say"] for _ in range(2)]
    assert said == [None, True, False, True, False]


async def test_what_is_held_goes_on_as_far_as_the_day_has_room(
    someone: Signed, policy: Any, sql: Any
) -> None:
    await policy(messages_per_day=3)
    anna = await someone()
    vision = await anna.creates()
    for n in range(8):
        await anna.says(f"{n}")

    await a_day_passes(sql)
    sent = await anna.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert (sent["sent"], sent["left"], sent["limit"]["reason"]) == (3, 2, "day")
    assert (await anna.says("ещё"))["state"] == "limited"
    await a_day_passes(sql)
    sent = await anna.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert (sent["sent"], sent["left"]) == (3, 0)
    assert [text for _, text in await anna.hears(vision["id"])] == [*map(str, range(8)), "ещё"]


async def test_a_persons_own_bounds_come_before_their_levels(
    someone: Signed, policy: Any, sql: Any
) -> None:
    await policy(messages_per_day=1, messages_per_minute=1)
    anna, boris = await someone(1), await someone(2)
    for person in (anna, boris):
        await person.creates()
    await sql(
        "update users set limits = jsonb_build_object('messages_per_day', 0,"
        " 'messages_per_minute', 3) where id = %s",
        anna.user_id,
    )
    assert [(await anna.says("я"))["state"] for _ in range(4)] == ["stored"] * 3 + ["limited"]
    assert [(await boris.says("я"))["state"] for _ in range(2)] == ["stored", "limited"]


async def test_a_guest_has_so_many_messages_in_all(someone: Signed, policy: Any, sql: Any) -> None:
    await policy(mode="invite", guest_messages=2)
    anna = await someone()
    vision = await anna.creates()
    await anna.says("раз")
    await a_day_passes(sql)
    await anna.says("два")
    third = await anna.says("три")
    assert (third["reason"], third["until"]) == ("guest", None)
    usage = await anna.call("read_usage")
    assert (usage["guest_messages"], usage["bounds"]["guest_messages"]) == (2, 2)

    await sql("update users set level = 'member' where id = %s", anna.user_id)
    sent = await anna.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert sent["sent"] == 1


async def test_a_hundred_messages_at_once_are_counted_one_by_one(
    ground: Any, dsn: str, someone: Signed, policy: Any
) -> None:
    await policy(mode="invite", guest_messages=7)
    anna = await someone()
    vision = await anna.creates()
    await anna.creates("другая")
    wide = ground.transport(dsn, pool_size=8)
    await wide.open()

    async def say(n: int) -> str:
        row = await wide.call(
            "receive_message",
            user_id=anna.user_id,
            source_key=f"k{n}",
            type="text",
            content=f"{n}",
            payload={},
            origin={"key": f"o{n}"},
            delay_ms=0,
        )
        return row["state"]

    states = await asyncio.gather(*map(say, range(100)))
    await wide.close()
    assert states.count("stored") == 7
    assert states.count("limited") == 93
    assert len(await anna.hears(vision["id"])) == 0


async def test_an_album_is_one_message_however_it_comes(
    someone: Signed, policy: Any, sql: Any
) -> None:
    await policy(messages_per_day=1)
    anna = await someone()
    await anna.creates()

    async def item(album: str, n: int) -> Any:
        key = f"{album}:{n}"
        file = {"key": key, "message": n, "caption": key}
        return await anna.says(
            "", key, type="image", payload={"album": album, "files": [file]}, origin={"key": album}
        )

    assert [(await item("a", n))["state"] for n in range(3)] == ["stored"] * 3
    held = [await item("b", n) for n in range(3)]
    assert [(row["state"], row["say"]) for row in held] == [
        ("limited", True),
        ("limited", False),
        ("limited", False),
    ]
    assert held[2]["held"] == 1
    assert (await item("b", 1))["duplicate"]
    assert await sql("select jsonb_array_length(payload -> 'files') from held_messages") == [(3,)]


async def test_limits_hold_without_a_vision_and_in_a_frozen_one(
    someone: Signed, policy: Any, sql: Any
) -> None:
    await policy(messages_per_day=1)
    anna, boris = await someone(1), await someone(2)
    assert (await anna.says("раз"))["state"] == "no_vision"
    limited = await anna.says("два")
    assert (limited["state"], limited["vision_id"]) == ("limited", None)
    made = await anna.creates()
    assert (made["sent"], made["left"], made["held"]) == (1, 1, 1)
    await a_day_passes(sql)
    sent = await anna.call("send_held", vision_id=made["id"], **{"from": "vision"})
    assert sent["sent"] == 1
    assert await anna.hears(made["id"]) == [("user", "раз"), ("user", "два")]

    vision = await boris.creates()
    await boris.call("set_vision_status", vision_id=vision["id"], status="frozen")
    assert [(await boris.says("я"))["state"] for _ in range(2)] == ["frozen", "limited"]
    await a_day_passes(sql)
    await boris.call("set_vision_status", vision_id=vision["id"], status="active")
    sent = await boris.call("send_held", vision_id=vision["id"], **{"from": "vision"})
    assert sent["sent"] == 2


async def test_no_more_than_200_wait_and_the_rest_is_not_said_to_be_kept(
    someone: Signed, policy: Any, sql: Any
) -> None:
    await policy(messages_per_day=1)
    anna = await someone()
    await anna.creates()
    await anna.says("раз")
    await sql(
        "insert into held_messages (user_id, type, content, source_key)"
        " select %s, 'text', '', 'flood:' || n from generate_series(1, 199) n",
        anna.user_id,
    )
    rows = [await anna.says("ещё") for _ in range(4)]
    assert [(row["kept"], row["say"]) for row in rows] == [
        (True, True),
        (False, True),
        (False, False),
        (False, False),
    ]
    assert await sql("select count(*) from held_messages") == [(200,)]


async def test_a_call_is_counted_once(someone: Signed, sql: Any, db: Any, spends: Any) -> None:
    anna = await someone()
    for _ in range(3):
        await spends(anna.user_id, 100, 0.25, key="one")
    await spends(anna.user_id, 50)
    await spends("doctor", 7, 0.5)
    assert await sql(
        "select calls, tokens, usd from usage_days where user_id = %s", anna.user_id
    ) == [(2, 150, pytest.approx(0.25))]
    state = await db.call("budget_state")
    assert (state["tokens"], state["usd"], state["share"]) == (157, pytest.approx(0.75), None)


async def test_calls_that_end_at_one_moment_are_all_counted(
    ground: Any, dsn: str, db: Any, sql: Any
) -> None:
    wide = ground.transport(dsn, pool_size=8)
    await wide.open()
    await sql("insert into public.users (id) select 'u' || n from generate_series(0, 4) n")

    async def log(n: int) -> None:
        await wide.call(
            "log_tokens",
            clientid=f"u{n % 5}",
            clienttype="user",
            provider="p",
            model="m",
            prompttokens=1,
            completiontokens=2,
            totaltokens=3,
            rawusage={},
            meta={"usd": 0.001},
            call_key=f"{n}",
        )

    await asyncio.gather(*map(log, range(100)))
    await wide.close()
    state = await db.call("budget_state")
    assert (state["tokens"], state["usd"]) == (300, pytest.approx(0.1))
    assert await sql("select sum(tokens), sum(calls) from usage_days") == [(300, 100)]


@pytest.mark.parametrize(
    ("bounds", "tokens", "usd", "reason"),
    [
        ({"tokens_per_day": 100}, 100, 0, "tokens"),
        ({"budget": {"tokens_per_day": 100}}, 100, 0, "budget"),
        ({"budget": {"usd_per_day": 0.5}}, 1, 0.5, "budget"),
    ],
)
async def test_a_turn_without_room_waits_for_its_person(
    someone: Signed,
    policy: Any,
    sql: Any,
    worker: Any,
    spends: Any,
    bounds: Any,
    tokens: int,
    usd: float,
    reason: str,
) -> None:
    await policy(**bounds)
    anna = await someone()
    vision = await anna.creates()
    await anna.says("вопрос", origin={"key": "o", "thread_id": 77})
    await spends(anna.user_id, tokens, usd)

    assert await worker.claims() == []
    assert await worker.claims() == []
    [told] = await worker.waiting()
    payload = told["payload"]
    assert (payload["notice"], payload["reason"]) == ("limit", reason)
    assert told["thread_id"] == 77
    retried = await anna.call("retry_turn", vision_id=vision["id"])
    assert (retried["state"], retried["reason"]) == ("limited", reason)
    assert retried["until"] == payload["until"]
    following = await anna.says("ещё вопрос")
    assert (following["state"], following["reason"]) == ("limited", reason)

    await a_day_passes(sql)
    assert (await anna.call("retry_turn", vision_id=vision["id"]))["state"] == "queued"
    [turn] = await worker.claims()
    assert [said["content"] for said in turn["unanswered"]] == ["вопрос"]


async def test_turns_without_room_keep_nobody_elses_back(
    db: Any, someone: Signed, policy: Any, spends: Any
) -> None:
    await policy(tokens_per_day=100)
    for n in range(10):
        spender = await someone(n + 1)
        await spender.creates()
        await spender.says("вопрос")
        await spends(spender.user_id, 100)
    other = await someone(99)
    await other.creates()
    await other.says("мой вопрос")

    claims = 0
    while True:
        row = await db.call(
            "claim_turns", worker="w", limit=8, lease_seconds=15, history=50, characters=16000
        )
        claims += 1
        if row["turns"]:
            break
        # What a worker goes by: it claims again at once.
        assert row["passed"] > 0
    assert claims == 2
    assert [turn["user"]["user_id"] for turn in row["turns"]] == [other.user_id]


async def test_the_turns_of_whoever_is_blocked_or_leaving_are_not_answered(
    someone: Signed, sql: Any, worker: Any
) -> None:
    anna, boris = await someone(1), await someone(2)
    for person in (anna, boris):
        await person.creates()
        await person.says("вопрос")
    await sql("update users set level = 'blocked' where id = %s", anna.user_id)
    await sql("update users set erase_at = now() where id = %s", boris.user_id)
    assert await worker.claims() == []
    assert await worker.waiting() == []


async def test_a_vision_that_is_being_changed_is_claimed_a_moment_later(
    dsn: str, someone: Signed, policy: Any, worker: Any, spends: Any
) -> None:
    """Whoever receives a message has the vision and waits for its queue row: nobody waits both
    ways round."""
    await policy(tokens_per_day=100)
    anna = await someone()
    await anna.creates()
    await anna.says("вопрос")
    await spends(anna.user_id, 100)
    async with await psycopg.AsyncConnection.connect(dsn) as changing:
        await changing.execute(b"select from visions for update")
        async with asyncio.timeout(20):
            assert await worker.claims() == []
        assert await worker.waiting() == []
        await changing.rollback()
    async with asyncio.timeout(20):
        while not (told := await worker.waiting()):
            await worker.claims()
    assert told[0]["payload"]["reason"] == "tokens"


async def test_usage_tells_today_the_month_and_the_visions(
    db: Any, someone: Signed, policy: Any, sql: Any
) -> None:
    await policy(tokens_per_day=1000, messages_per_day=10)
    anna, boris = await someone(1), await someone(2)
    sea = await anna.creates("Дом у моря")
    book = await anna.creates("Книга")
    alien = await boris.creates("Чужая")
    gone = await anna.creates("Бывшая")
    await anna.call("set_vision_status", vision_id=gone["id"], status="deleted")
    await anna.call("activate_vision", vision_id=sea["id"])
    await anna.says("раз")
    for n, (vision, tokens) in enumerate([(sea, 30), (book, 50), (sea, 40), (alien, 5), (gone, 9)]):
        await db.call(
            "log_tokens",
            clientid=anna.user_id,
            clienttype="user",
            provider="p",
            model="m",
            prompttokens=tokens,
            completiontokens=0,
            totaltokens=tokens,
            rawusage={},
            meta={"visionid": vision["id"]},
            call_key=f"c{n}",
        )
    usage = await anna.call("read_usage")
    assert usage["today"] == {"messages": 1, "tokens": 134}
    assert usage["month"] == {"messages": 1, "tokens": 134}
    assert usage["bounds"]["tokens_per_day"] == 1000
    assert usage["visions"] == [
        {"title": "Дом у моря", "tokens": 70},
        {"title": "Книга", "tokens": 50},
    ]
    assert usage["limit"] is None
    await sql("update usage_days set tokens = 1000")
    assert (await anna.call("read_usage"))["limit"]["reason"] == "tokens"
