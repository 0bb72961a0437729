"""Each admin hears of each problem once, and once of its end, whoever claims the words."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from core.database import Database
from core.errors import Forbidden
from core.problems import Problems, ProblemWord
from core.problems.bounds import SETTLE_SECONDS

Signed = Any


@pytest.fixture
def problems(db: Database) -> Problems:
    return Problems(db)


@pytest.fixture
async def admins(db: Database, someone: Signed, dsn: str) -> list[str]:
    """1 is named in the settings, 2 was appointed; 3 is a member, 4 has never written."""
    signed = [
        await someone(number, language_code="en" if number == 2 else "ru") for number in (1, 2, 3)
    ]
    await policy(db, 1, 4)
    await run(dsn, f"update public.users set level = 'admin' where id = '{signed[1].user_id}'")
    return [each.user_id for each in signed]


async def policy(db: Database, *admin_ids: int) -> None:
    await db.call(
        "set_policy",
        policy={
            "mode": "open",
            "guest_messages": 0,
            "admin_telegram_ids": list(admin_ids),
            "limits": {},
            "budget": {},
        },
    )


async def run(dsn: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def passes(dsn: str, seconds: int) -> None:
    """As if so long had passed since all that is written about problems."""
    span = f"interval '{seconds} seconds'"
    await run(
        dsn,
        f"update public.problems set since = since - {span}, renewed_at = renewed_at - {span},"
        f" cleared_at = cleared_at - {span};"
        f" update public.problem_words set run_at = run_at - {span}, since = since - {span}",
    )


async def hears(problems: Problems) -> list[tuple[int, str, bool]]:
    """Claim all words and tell them."""
    words = (await problems.claim()).words
    for word in words:
        await problems.told(word)
    return [told(word) for word in words]


def told(word: ProblemWord) -> tuple[int, str, bool]:
    return word.admin_id, word.problem.name, word.open


async def test_each_admin_hears_once_of_the_beginning_and_once_of_the_end(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    for _ in range(3):
        await problems.put("model_key", "OPENAI_API_KEY", {"code": "invalid_api_key"})
    words = (await problems.claim()).words
    assert [(told(word), word.language) for word in words] == [
        ((1, "model_key", True), "ru"),
        ((2, "model_key", True), "en"),
    ]
    assert words[0].problem.details == {"code": "invalid_api_key"}
    for word in words:
        await problems.told(word)
    await problems.put("model_key", "OPENAI_API_KEY", {})
    assert await hears(problems) == []

    await passes(dsn, 90)
    await problems.clear("model_key", "OPENAI_API_KEY", 0)
    assert await hears(problems) == []
    await passes(dsn, SETTLE_SECONDS["model_key"])
    words = (await problems.claim()).words
    assert [told(word) for word in words] == [(1, "model_key", False), (2, "model_key", False)]
    assert 90 <= words[0].problem.seconds < 100
    for word in words:
        await problems.told(word)
    assert await hears(problems) == []

    await problems.put("model_key", "OPENAI_API_KEY", {})
    assert [there for _, _, there in await hears(problems)] == [True, True]


async def test_what_is_back_before_its_end_was_told_was_never_away(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    await problems.put("queue_grows", "", {})
    assert len(await hears(problems)) == 2
    for _ in range(3):
        await problems.clear("queue_grows", "", 0)
        await passes(dsn, SETTLE_SECONDS["queue_grows"] - 10)
        assert await hears(problems) == []
        await problems.put("queue_grows", "", {})
        assert await hears(problems) == []
    [problem] = await problems.open(admins[0])
    assert problem.seconds >= 3 * (SETTLE_SECONDS["queue_grows"] - 10)


async def test_what_was_over_before_it_was_told_is_not_told(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    await problems.put("model_quota", "OPENAI_API_KEY", {})
    await problems.clear("model_quota", "OPENAI_API_KEY", 0)
    await passes(dsn, 3600)
    assert await hears(problems) == []


async def test_evidence_from_before_the_last_trouble_ends_nothing(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    await problems.put("model_key", "OPENAI_API_KEY", {})
    await problems.clear("model_key", "OPENAI_API_KEY", 5)
    assert [each.name for each in (await problems.claim()).open] == ["model_key"]
    await passes(dsn, 6)
    await problems.clear("model_key", "OPENAI_API_KEY", 5)
    assert (await problems.claim()).open == []


async def test_a_killed_process_neither_swallows_a_word_nor_repeats_one(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    await problems.put("disk_full", "host", {})
    first, second = (await problems.claim()).words
    await problems.told(first)
    # Here it is killed, with one word in its hands.
    assert await hears(problems) == []
    await passes(dsn, 60)
    assert await hears(problems) == [told(second)]
    await problems.told(second)
    assert await hears(problems) == []


async def test_of_many_claimers_each_word_goes_to_one(
    problems: Problems, admins: list[str]
) -> None:
    await problems.put("disk_full", "host", {})
    claims = await asyncio.gather(*(problems.claim() for _ in range(8)))
    assert sorted(told(word) for claim in claims for word in claim.words) == [
        (1, "disk_full", True),
        (2, "disk_full", True),
    ]


async def test_a_postponed_word_comes_later(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    await problems.put("disk_full", "host", {})
    for word in (await problems.claim()).words:
        await problems.postpone(word, 30)
    assert await hears(problems) == []
    await passes(dsn, 30)
    assert [word.attempt for word in (await problems.claim()).words] == [2, 2]


async def test_what_nobody_sees_the_end_of_ends_by_itself(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    await problems.put("update_failed", "", {"count": 1})
    assert len(await hears(problems)) == 2
    await passes(dsn, 3599)
    assert await hears(problems) == []
    await passes(dsn, 10)
    assert [there for _, _, there in await hears(problems)] == [False, False]


async def test_who_is_an_admin_now_hears_of_what_is_now(
    db: Database, problems: Problems, admins: list[str], someone: Signed, dsn: str
) -> None:
    await problems.put("disk_full", "host", {})
    await db.call("set_unreachable", telegram_id=1)
    assert await hears(problems) == [(2, "disk_full", True)]
    await run(dsn, "update public.users set level = null where level = 'admin'")
    await someone(4)
    assert await hears(problems) == [(4, "disk_full", True)]
    await someone(1)
    assert await hears(problems) == [(1, "disk_full", True)]
    assert [each.telegram_id for each in await problems.admins()] == [1, 4]


async def test_only_admins_see_problems_and_check_up(problems: Problems, admins: list[str]) -> None:
    await problems.put("disk_full", "host", {"percent": 3})
    [problem] = await problems.open(admins[1])
    assert (problem.name, problem.about, problem.details) == ("disk_full", "host", {"percent": 3})
    with pytest.raises(Forbidden):
        await problems.open(admins[2])
    with pytest.raises(Forbidden):
        await problems.begin_checkup(admins[2], "a")
    with pytest.raises(Forbidden):
        await problems.end_checkup("nobody", "a")


async def test_one_checkup_at_a_time_for_an_admin(
    problems: Problems, admins: list[str], dsn: str
) -> None:
    assert await problems.begin_checkup(admins[0], "a")
    assert not await problems.begin_checkup(admins[0], "b")
    assert await problems.begin_checkup(admins[1], "c")
    await problems.end_checkup(admins[0], "b")
    assert not await problems.begin_checkup(admins[0], "b")
    await problems.end_checkup(admins[0], "a")
    assert await problems.begin_checkup(admins[0], "b")


async def test_the_watch_sees_what_waits_and_what_fails(
    db: Database, someone: Signed, worker: Any
) -> None:
    person = await someone(7)
    await person.creates()
    for number in range(4):
        await person.says(f"{number}")
        [turn] = await worker.claims()
        await worker.answers(turn, "Ответ", deliver_seconds=0)
        [delivery] = await worker.waiting()
        lease = {"id": delivery["id"], "lease": delivery["lease"]}
        if number == 0:
            await worker.delivers(delivery, 1)
        elif number == 1:
            await db.call("fail_delivery", **lease, failure="rejected")
        elif number == 2:
            await db.call("fail_delivery", **lease, failure="blocked")
    await person.says("ждёт")
    state = await db.call("watch_state")
    # The last one is being sent for the second time.
    assert state["deliveries"] == {"delivered": 1, "troubled": 2}
    assert state["queue"]["turns"]["waiting"] == 1
    assert state["update_failed_seconds"] is None
    assert state["database_bytes"] is None or state["database_bytes"] > 1_000_000
    await db.call(
        "keep_update",
        bot_id=1,
        update_id=1,
        lane="",
        payload={},
        error="e",
        failed=True,
        holder=None,
        lease_seconds=0,
    )
    assert 0 <= (await db.call("watch_state"))["update_failed_seconds"] < 60


async def test_menus_follow_levels_and_languages(
    db: Database, problems: Problems, admins: list[str], someone: Signed, dsn: str
) -> None:
    async def due() -> list[tuple[int, str, bool]]:
        menus = await problems.menus()
        for menu in menus:
            await problems.shown(menu)
        return [(menu.telegram_id, menu.language, menu.admin) for menu in menus]

    assert await due() == [(1, "ru", True), (2, "en", True)]
    assert await due() == []
    await db.call("set_language", user_id=admins[0], language="en")
    await run(dsn, "update public.users set level = null where level = 'admin'")
    assert await due() == [(1, "en", True), (2, "en", False)]
    await someone(4)
    assert await due() == [(4, "ru", True)]
