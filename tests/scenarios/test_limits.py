"""Limits as people meet them: one word, nothing lost, one tap once it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from core.access import policy_of
from core.settings import CoreSettings
from tests.scenarios.conftest import NewPerson, Person, Product, SendAll
from tests.scenarios.test_visions import make, screen

Policy = Callable[..., Awaitable[None]]
NextDay = Callable[[], Awaitable[None]]


@pytest.fixture
def policy(product: Product) -> Policy:
    """What the operator sets; members have no bounds but these."""
    free = dict.fromkeys(
        ("member_tokens_per_day", "member_messages_per_minute", "member_messages_per_day"), 0
    )

    async def setting(**given: Any) -> None:
        settings = CoreSettings(_env_file=None, **(free | given))  # type: ignore[call-arg]
        await product.db.call("set_policy", policy=policy_of(settings))

    return setting


@pytest.fixture
def next_day(dsn: str) -> NextDay:
    async def pass_a_day() -> None:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            await connection.execute(
                b"update usage_days set day = day - 1, minute_at = minute_at - interval '1 day'"
            )
            await connection.execute(b"update usage_totals set day = day - 1")

    return pass_a_day


@pytest.fixture
def spends(product: Product) -> Callable[..., Awaitable[None]]:
    async def call(person: Person, tokens: int, usd: float = 0.0) -> None:
        await product.db.call(
            "log_tokens",
            clientid=await product.user_id(person),
            clienttype="user",
            provider="p",
            model="m",
            prompttokens=tokens,
            completiontokens=0,
            totaltokens=tokens,
            rawusage={},
            meta={"usd": usd},
            call_key=f"{person.id}:{tokens}:{usd}",
        )

    return call


def over_at(zone: str) -> str:
    """The clock of this person when a day of UTC ends."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return f"{datetime.combine(tomorrow, time(), UTC).astimezone(ZoneInfo(zone)):%H:%M}"


async def test_the_day_is_over_and_goes_on_with_one_tap(
    anna: Person, product: Product, policy: Policy, next_day: NextDay
) -> None:
    await policy(member_messages_per_day=2)
    await make(anna, "Дом")
    for words in ("раз", "два", "три", "четыре"):
        await anna.says(words)
    said = anna.heard()[1:]
    assert len(said) == 1
    assert "Сегодня мы уже о многом поговорили" in said[0]
    assert f"после {over_at('Europe/Moscow')} — сохраню" in said[0]

    await anna.presses("Отправить написанное (1)")
    assert "Пока рано" in anna.told()[-1]
    assert await product.said(anna) == ["раз", "два"]
    await next_day()
    await anna.presses("Отправить написанное (1)")
    assert "Отправил" in anna.told()[-1]
    assert await product.said(anna) == ["раз", "два", "три", "четыре"]


async def test_the_day_is_over_in_english_in_ones_own_zone(
    kate: Person, product: Product, policy: Policy, next_day: NextDay
) -> None:
    await policy(member_messages_per_day=1)
    await product.users.set_timezone(await product.user_id(kate), "Asia/Tokyo")
    await make(kate, "Home")
    await kate.says("one")
    await kate.says("two")
    assert "We have talked about a lot today" in kate.heard()[-1]
    assert f"after {over_at('Asia/Tokyo')} — I'll keep" in kate.heard()[-1]
    await next_day()
    await kate.presses("Send what I wrote (1)")
    assert await product.said(kate) == ["one", "two"]


async def test_what_does_not_fit_the_next_day_either_waits_on(
    anna: Person, product: Product, policy: Policy, next_day: NextDay
) -> None:
    await policy(member_messages_per_day=2)
    await make(anna, "Дом")
    for n in range(7):
        await anna.says(str(n))
    await next_day()
    await anna.presses("Отправить написанное (1)")
    assert "3 сообщения ещё ждут" in anna.heard()[-1]
    assert await product.said(anna) == ["0", "1", "2", "3"]
    await next_day()
    await anna.presses("Отправить написанное (3)")
    assert await product.said(anna) == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("who", "word"),
    [
        ("anna", "Ты пишешь быстрее, чем я читаю. Продолжим через минуту"),
        ("kate", "You write faster than I can read. Let's go on in a minute"),
    ],
)
async def test_too_fast(
    request: pytest.FixtureRequest, policy: Policy, who: str, word: str
) -> None:
    await policy(member_messages_per_minute=2)
    someone: Person = request.getfixturevalue(who)
    await make(someone, "Дом")
    for n in range(6):
        await someone.says(str(n))
    assert len(someone.heard()) == 2
    assert word in someone.heard()[-1]


async def test_a_flood_of_one_costs_the_others_nothing(
    person: NewPerson, product: Product, policy: Policy
) -> None:
    await policy(member_messages_per_minute=100)
    flooder, *others = [person(name=f"{n}") for n in range(4)]
    for someone in (flooder, *others):
        await make(someone, "Дом")

    async def flood() -> None:
        for n in range(320):
            await flooder.says(f"{n}")

    async def talk(someone: Person) -> None:
        for n in range(10):
            await someone.says(f"{n}")

    async with asyncio.TaskGroup() as group:
        group.create_task(flood())
        for someone in others:
            group.create_task(talk(someone))

    assert len(await product.said(flooder)) == 100
    for someone in others:
        assert await product.said(someone) == [str(n) for n in range(10)]
    # That it is too fast, and that 200 wait and no more is kept.
    words = flooder.heard()[1:]
    assert len(words) == 2
    assert "быстрее" in words[0]
    assert "Ждёт уже 200 сообщений" in words[1]
    row = await product.db.call(
        "claim_turns", worker="w", limit=8, lease_seconds=60, history=50, characters=16000
    )
    assert len(row["turns"]) == 4
    card = await product.visions.card(
        await product.user_id(flooder), await product.vision_id(flooder)
    )
    assert card.held == 200


async def test_a_redelivered_message_gets_the_same_word_again(
    anna: Person, product: Product, policy: Policy
) -> None:
    await policy(member_messages_per_day=1)
    await make(anna, "Дом")
    await anna.says("раз")
    for _ in range(2):
        # The word may not have come through at the first time.
        await anna.feeds(message=anna._message(901, text="два"), update_id=9901)
    await anna.says("три")
    assert len(anna.heard()) == 3
    assert anna.heard()[1] == anna.heard()[2]
    user = await product.user_id(anna)
    assert (await product.visions.card(user, await product.vision_id(anna))).held == 2


async def test_a_forwarded_bunch_and_an_album_get_one_word(anna: Person, policy: Policy) -> None:
    await policy(member_messages_per_day=1)
    await make(anna, "Дом")
    await anna.says("раз")
    for n in range(5):
        await anna.forwards(f"строка {n}")
    for n in range(3):
        photo = {"file_id": f"p{n}", "file_unique_id": f"u{n}", "width": 9, "height": 9}
        await anna.sends(photo=[photo], media_group_id="album")
    assert len(anna.heard()) == 2


async def test_a_guest_is_told_that_an_invite_is_needed(
    anna: Person, kate: Person, product: Product, policy: Policy, dsn: str
) -> None:
    bounds = {"guest_messages_per_minute": 0, "guest_messages_per_day": 50}
    await policy(access_mode="invite", guest_messages=1, **bounds)
    await make(anna, "Дом")
    await make(kate, "Home")
    for person in (anna, kate):
        await person.says("1")
        await person.says("2")
        await person.says("3")
    assert "приглашение" in anna.heard()[-1]
    assert "invite" in kate.heard()[-1]
    await anna.presses("Отправить написанное (1)")
    assert "Нужно приглашение" in anna.told()[-1]

    await anna.says("/usage")
    assert "все сообщения на пробу уже сказаны" in anna.heard()[-1]
    assert "На сегодня осталось" not in anna.heard()[-1]
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(b"update users set level = 'member'")
    await anna.presses("Отправить написанное (2)")
    assert await product.said(anna) == ["1", "2", "3"]


async def test_over_the_limit_without_a_vision(
    anna: Person, product: Product, policy: Policy, next_day: NextDay
) -> None:
    await policy(member_messages_per_day=1)
    await anna.says("Хочу жить у моря")
    await anna.says("с верандой")
    assert "создай её, и слова попадут туда" in anna.heard()[-1]
    await anna.presses("Создать визию")
    assert await product.said(anna) == ["Хочу жить у моря"]
    assert screen(anna) == ["Отправить написанное (1)"]
    await next_day()
    await anna.presses("Отправить написанное (1)")
    assert await product.said(anna) == ["Хочу жить у моря", "с верандой"]


async def test_over_the_limit_in_an_archived_vision(
    anna: Person, product: Product, policy: Policy, next_day: NextDay
) -> None:
    await policy(member_messages_per_day=1)
    await make(anna, "Дом")
    await anna.says("/freeze")
    await anna.says("раз")
    await anna.says("два")
    assert "о многом поговорили" in anna.heard()[-1]
    await anna.presses("Разморозить и отправить")
    assert "1 сообщение ещё ждёт" in anna.heard()[-1]
    assert await product.said(anna) == ["раз"]
    await next_day()
    await anna.presses("Отправить написанное (1)")
    assert await product.said(anna) == ["раз", "два"]


@pytest.mark.parametrize(
    ("bounds", "russian", "english"),
    [
        ({"member_tokens_per_day": 100}, "поэтому на это отвечу позже", "answer this one later"),
        ({"budget_tokens_per_day": 100}, "силы на день кончились", "out of strength"),
        ({"budget_usd_per_day": 0.5}, "силы на день кончились", "out of strength"),
    ],
)
async def test_what_was_asked_before_the_limit_is_answered_by_the_button_after_it(
    anna: Person,
    kate: Person,
    product: Product,
    policy: Policy,
    next_day: NextDay,
    outbox: SendAll,
    spends: Any,
    bounds: Any,
    russian: str,
    english: str,
) -> None:
    await policy(**bounds)
    for someone, word, button, early in (
        (anna, russian, "Повторить", "Пока рано"),
        (kate, english, "Try again", "Too early"),
    ):
        await make(someone, "Дом")
        await someone.says("вопрос")
        await spends(someone, 100, 0.5)
        claim = {"worker": "w", "limit": 8, "lease_seconds": 60, "history": 9, "characters": 900}
        assert (await product.db.call("claim_turns", **claim))["turns"] == []
        await outbox()
        assert word in someone.heard()[-1]
        assert len(someone.heard()) == 2
        await someone.presses(button)
        assert early in someone.told()[-1]
        await next_day()
        await someone.presses(button)
        [turn] = (await product.db.call("claim_turns", **claim))["turns"]
        assert turn["user"]["user_id"] == await product.user_id(someone)


async def test_going_on_with_an_answer_asks_the_limit_too(
    anna: Person, product: Product, policy: Policy, outbox: SendAll
) -> None:
    await policy(member_messages_per_day=1)
    await make(anna, "Дом")
    await anna.says("вопрос")
    await product.answer(anna, "Начало", {"unfinished": True})
    await outbox()
    for _ in range(2):
        await anna.presses("Продолжить")
    assert "Пока рано" in anna.told()[-1]
    assert "о многом поговорили" in anna.heard()[-1]
    assert await product.said(anna) == ["вопрос", "Начало"]


async def test_usage_in_both_languages(
    anna: Person, kate: Person, policy: Policy, spends: Any, product: Product
) -> None:
    await policy(member_messages_per_day=10, member_tokens_per_day=1000)
    for someone in (anna, kate):
        await make(someone, "Дом")
        await someone.says("раз")
        await spends(someone, 405)
        await someone.says("/usage")
    said = anna.heard()[-1]
    assert "Сегодня: 1 сообщение, токенов — 405" in said
    assert "▓▓▓▓▓▓▓▓▓░ 9 из 10 сообщений" in said
    assert "▓▓▓▓▓▓░░░░ 595 из" in said
    assert f"после {over_at('Europe/Moscow')}" in said
    assert "Today: 1 message, tokens: 405" in kate.heard()[-1]
    assert "9 of 10 messages" in kate.heard()[-1]

    await policy()
    await anna.says("/usage")
    assert "Пределов на день нет" in anna.heard()[-1]


async def test_what_waits_can_be_sent_from_usage(
    anna: Person, product: Product, policy: Policy, next_day: NextDay
) -> None:
    await policy(member_messages_per_day=1)
    await make(anna, "Дом")
    await anna.says("раз")
    await anna.says("два")
    await anna.says("три")
    await next_day()
    await policy()
    await anna.says("/usage")
    assert "Ждут отправки 2 сообщения" in anna.heard()[-1]
    await anna.presses("Отправить написанное (2)")
    assert await product.said(anna) == ["раз", "два", "три"]
