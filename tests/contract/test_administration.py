"""What admins see and do, as the SQL functions promise it; and that nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest

from core.administration import Administration, person_ref
from core.errors import Conflict, Forbidden, LeaseLost, NotFound
from core.notices import Notices

CONSOLE = "console:test"
OWNER = 500


@pytest.fixture
def administration(db: Any) -> Administration:
    return Administration(db)


async def policy(db: Any, mode: str = "open", **limits: int) -> None:
    """The person with the Telegram id OWNER is an admin by the settings."""
    await db.call(
        "set_policy",
        policy={
            "mode": mode,
            "guest_messages": 3,
            "admin_telegram_ids": [OWNER],
            "limits": {"member": limits},
            "budget": {},
        },
    )


async def rows(dsn: str, query: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        return await (await connection.execute(query.encode())).fetchall()


def calls(
    administration: Administration, admin: str, user: str
) -> list[Callable[[], Awaitable[Any]]]:
    return [
        lambda: administration.find(admin),
        lambda: administration.find(admin, "а"),
        lambda: administration.resolve(admin, user),
        lambda: administration.card(admin, user),
        lambda: administration.set_level(admin, user, "blocked"),
        lambda: administration.set_level(admin, user, "admin"),
        lambda: administration.set_limits(admin, user, {"messages_per_day": 1}),
        lambda: administration.write_to(admin, user, "Привет", "k"),
        lambda: administration.log(admin, 0, 10),
    ]


async def test_nobody_else_does_any_of_it(
    someone: Any, administration: Administration, db: Any, dsn: str
) -> None:
    await policy(db)
    anna, boris, vera = await someone(1), await someone(2), await someone(3)
    await administration.set_level(CONSOLE, vera.user_id, "admin")
    assert (await administration.find(vera.user_id)).total == 3
    await administration.set_level(CONSOLE, vera.user_id, None)
    before = await rows(dsn, "select * from public.admin_log")
    for who in (anna.user_id, vera.user_id, "nobody", "", "console:"):
        for call in calls(administration, who, boris.user_id):
            with pytest.raises(Forbidden, match="not_admin"):
                await call()
        for call in calls(administration, who, who):
            with pytest.raises(Forbidden, match="not_admin"):
                await call()
    assert await rows(dsn, "select * from public.admin_log") == before
    assert await rows(dsn, "select level, limits from public.users") == [(None, {})] * 3


async def test_an_admin_who_is_leaving_is_none_any_more(
    someone: Any, administration: Administration, dsn: str
) -> None:
    anna = await someone(1)
    await administration.set_level(CONSOLE, anna.user_id, "admin")
    await rows(dsn, "update public.users set erase_at = now() + interval '7 days' returning 1")
    with pytest.raises(Forbidden):
        await administration.find(anna.user_id)


async def test_people_are_found_by_all_their_names(
    someone: Any, administration: Administration
) -> None:
    anna = await someone(11, first_name="Анна", last_name="Каренина", username="anna_k")
    ann = await someone(12, first_name="Ann", username="xanna")
    await someone(13, first_name="Борис", username="BOB")
    star = await someone(14, first_name="100% <b>_", username="")

    async def found(query: str) -> list[str]:
        page = await administration.find(CONSOLE, query)
        assert page.total == len(page.items)
        return [line.user_id for line in page.items]

    assert await found("анна") == [anna.user_id]
    assert await found("КАРЕН") == [anna.user_id]
    assert await found("анна кар") == [anna.user_id]
    assert await found("@anna") == [anna.user_id, ann.user_id]
    assert await found(" anna ") == [anna.user_id, ann.user_id]
    assert await found("xanna") == [ann.user_id]
    assert await found("13") == await found("bob")
    assert await found(star.user_id) == [star.user_id]
    assert await found("100%") == [star.user_id]
    assert await found("<b>_") == [star.user_id]
    assert await found("%") == [star.user_id]
    assert await found("@анна") == []
    assert await found("никого") == []
    for name in ("11", "@ANNA_K", anna.user_id, f"#{person_ref(anna.user_id)}"):
        assert await administration.resolve(CONSOLE, name) == anna.user_id
    for name in ("", "@", "#", "anna_k", "999", "#0000000000000000"):
        with pytest.raises(NotFound):
            await administration.resolve(CONSOLE, name)


async def test_a_username_that_changed_hands_means_nobody(
    someone: Any, administration: Administration
) -> None:
    await someone(1, username="path")
    await someone(2, username="Path")
    with pytest.raises(Conflict, match="user_ambiguous"):
        await administration.resolve(CONSOLE, "@path")


async def test_the_list_pages_by_last_seen_and_by_first(
    someone: Any, administration: Administration, db: Any, dsn: str
) -> None:
    people = [(await someone(number)).user_id for number in range(1, 6)]
    await db.call("make_account_link", user_id="from-outside", minutes=5)
    await rows(
        dsn,
        "update public.telegram_accounts"
        " set seen_at = now() - make_interval(hours => telegram_id::int) returning 1",
    )
    # A second account of the first person, seen long ago, is not a second person.
    await rows(
        dsn,
        "insert into public.telegram_accounts (telegram_id, user_id, seen_at)"
        f" values (99, '{people[0]}', now() - interval '1 year') returning 1",
    )
    for order, expected in (
        ("seen", [*people, "from-outside"]),
        ("new", ["from-outside", *reversed(people)]),
    ):
        seen: list[str] = []
        for offset in range(0, 8, 2):
            page = await administration.find(CONSOLE, order=order, offset=offset, limit=2)  # type: ignore[arg-type]
            assert page.total == 6
            seen += [line.user_id for line in page.items]
        assert seen == expected


async def test_the_card_has_numbers_and_no_words(
    someone: Any, administration: Administration, db: Any, worker: Any
) -> None:
    await policy(db, messages_per_day=40, tokens_per_day=0)
    anna = await someone(1, first_name="Анна", language_code="en")
    vision = await anna.creates("Тайная визия")
    await anna.says("Тайные слова")
    [turn] = await worker.claims()
    await worker.answers(turn, "Ответ")
    await anna.creates("Другая")
    await anna.call("set_vision_status", vision_id=vision["id"], status="frozen")
    await db.call(
        "log_tokens",
        clientid=anna.user_id,
        clienttype="user",
        provider="p",
        model="m",
        prompttokens=100,
        completiontokens=20,
        totaltokens=120,
        rawusage={},
        meta={"usd": 0.5},
        call_key="1",
    )
    await administration.set_limits(CONSOLE, anna.user_id, {"tokens_per_day": 1000})
    raw = await db.call("user_card", admin_id=CONSOLE, user_id=anna.user_id)
    assert "Тайн" not in str(raw)
    card = await administration.card(CONSOLE, anna.user_id)
    assert (card.line.name, card.line.level, card.line.given) == ("Анна", "member", None)
    assert (card.active_visions, card.frozen_visions, card.messages) == (1, 1, 2)
    assert card.today == card.month
    assert card.today.tokens == 120
    assert card.limits == {"tokens_per_day": 1000}
    assert card.level_limits["messages_per_day"] == 40
    assert (card.language, card.line.reachable, card.line.erase_at) == ("en", True, None)
    assert raw["ref"] == card.ref
    with pytest.raises(NotFound):
        await administration.card(CONSOLE, "nobody")


async def test_levels_are_given_and_taken_back_and_written_down(
    someone: Any, administration: Administration, db: Any
) -> None:
    await policy(db, "invite")
    anna, vera = await someone(1), await someone(2)

    async def level() -> Any:
        line = (await administration.card(CONSOLE, anna.user_id)).line
        return line.level, line.given

    assert await level() == ("guest", None)
    assert await administration.set_level(CONSOLE, anna.user_id, "member")
    assert await level() == ("member", "member")
    assert not await administration.set_level(CONSOLE, anna.user_id, "member")
    assert await administration.set_level(CONSOLE, anna.user_id, "admin")
    assert await administration.set_level(anna.user_id, vera.user_id, "blocked")
    assert await administration.set_level(CONSOLE, anna.user_id, "blocked")
    assert await administration.unblock(CONSOLE, anna.user_id)
    assert await level() == ("member", "member")
    assert not await administration.unblock(CONSOLE, anna.user_id)
    assert await administration.unblock(CONSOLE, vera.user_id)
    assert (await administration.card(CONSOLE, vera.user_id)).line.level == "guest"
    log = await administration.log(CONSOLE, 0, 100)
    told = [(a.admin_id, a.act, a.user_id, a.details["from"], a.details["to"]) for a in log.items]
    assert told == [
        (CONSOLE, "set_level", vera.user_id, "blocked", None),
        (CONSOLE, "set_level", anna.user_id, "blocked", "member"),
        (CONSOLE, "set_level", anna.user_id, "admin", "blocked"),
        (anna.user_id, "set_level", vera.user_id, None, "blocked"),
        (CONSOLE, "set_level", anna.user_id, "member", "admin"),
        (CONSOLE, "set_level", anna.user_id, None, "member"),
    ]
    assert log.total == 6
    assert [act.id for act in (await administration.log(CONSOLE, 4, 10)).items] == [2, 1]


async def test_what_no_admin_may_do(someone: Any, administration: Administration, db: Any) -> None:
    await policy(db)
    owner, vera = await someone(OWNER), await someone(2)
    await administration.set_level(owner.user_id, vera.user_id, "admin")
    for level in ("blocked", "member", "guest", None):
        with pytest.raises(Conflict, match="admin_by_settings"):
            await administration.set_level(vera.user_id, owner.user_id, level)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="yourself"):
            await administration.set_level(vera.user_id, vera.user_id, level)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="admin_by_settings"):
        await administration.set_limits(vera.user_id, owner.user_id, {"messages_per_day": 1})
    with pytest.raises(Conflict, match="admin_by_settings"):
        await db.call("erase_user", admin_id=vera.user_id, user_id=owner.user_id, days=0)
    for who in (CONSOLE, owner.user_id):
        await administration.set_limits(who, owner.user_id, {"messages_per_day": 1})
    with pytest.raises(Conflict, match="unknown_level"):
        await administration.set_level(vera.user_id, vera.user_id, "king")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await administration.set_level(vera.user_id, "nobody", "member")
    assert (await administration.card(vera.user_id, owner.user_id)).line.by_settings


async def test_of_two_admins_who_demote_each_other_one_stays(
    someone: Any, administration: Administration
) -> None:
    for number in range(1, 11, 2):
        anna, vera = await someone(number), await someone(number + 1)
        for each in (anna, vera):
            await administration.set_level(CONSOLE, each.user_id, "admin")
        told = await asyncio.gather(
            administration.set_level(anna.user_id, vera.user_id, None),
            administration.set_level(vera.user_id, anna.user_id, None),
            return_exceptions=True,
        )
        assert sorted(type(each) for each in told if each is not True) == [Forbidden]
        cards = [await administration.card(CONSOLE, each.user_id) for each in (anna, vera)]
        assert sorted(card.line.level for card in cards) == ["admin", "member"]


async def test_two_admins_who_do_the_same_do_it_once(
    someone: Any, administration: Administration
) -> None:
    anna = await someone(1)
    told = await asyncio.gather(
        *(administration.set_level(f"console:{name}", anna.user_id, "blocked") for name in "abcd")
    )
    assert sorted(told) == [False, False, False, True]
    assert (await administration.log(CONSOLE, 0, 10)).total == 1


async def test_blocking_silences_and_unblocking_gives_back(
    someone: Any, administration: Administration, db: Any, worker: Any, dsn: str
) -> None:
    anna, boris = await someone(1), await someone(2)
    first, second = await anna.creates("А"), await anna.creates("Б")
    await anna.call("activate_vision", vision_id=first["id"])
    await anna.says("Первый вопрос")
    [turn] = await worker.claims()
    await worker.answers(turn, "Ответ", deliver_seconds=0)
    await anna.says("Второй вопрос")
    [running] = await worker.claims()
    await anna.call("activate_vision", vision_id=second["id"])
    await anna.says("Третий вопрос")
    await boris.creates()
    await boris.says("Чужой вопрос")
    await administration.write_to(CONSOLE, anna.user_id, "Письмо", "k")

    await administration.set_level(CONSOLE, anna.user_id, "blocked")
    [others] = await worker.claims()
    assert others["user"]["user_id"] == boris.user_id
    with pytest.raises(LeaseLost):
        await worker.answers(running, "Поздно")
    assert await worker.waiting() == []
    notices = Notices(db, per_second=1000)
    await rows(
        dsn, "update public.send_budget set refilled_at = now() - interval '1 minute' returning 1"
    )
    assert (await notices.claim(10))[0] == []
    # Blocking the bot and coming back brings a blocked person nothing either.
    await db.call("set_unreachable", telegram_id=1)
    await db.call("sign_in", telegram_id=1, profile={}, source_key="back")
    await db.call("tell_blocked", user_id=anna.user_id, source_key="one")
    assert await worker.waiting() == []
    with pytest.raises(Conflict, match="user_blocked"):
        await administration.write_to(CONSOLE, anna.user_id, "Ещё", "k2")

    await administration.unblock(CONSOLE, anna.user_id)
    turns = await worker.claims()
    asked = {said["content"] for turn in turns for said in turn["unanswered"]}
    assert asked == {"Второй вопрос", "Третий вопрос"}
    assert [delivery["content"] for delivery in await worker.waiting()] == ["Ответ"]
    await rows(
        dsn, "update public.send_budget set refilled_at = now() - interval '1 minute' returning 1"
    )
    assert [notice.content for notice in (await notices.claim(10))[0]] == [{"text": "Письмо"}]
    assert (await db.call("tell_blocked", user_id=anna.user_id, source_key="two"))["first"]


async def test_limits_are_a_persons_own_until_taken_back(
    someone: Any, administration: Administration, db: Any
) -> None:
    anna = await someone(1)

    async def limits() -> Any:
        return (await administration.card(CONSOLE, anna.user_id)).limits

    await administration.set_limits(
        CONSOLE, anna.user_id, {"tokens_per_day": 5, "messages_per_day": 0}
    )
    await administration.set_limits(CONSOLE, anna.user_id, {"messages_per_minute": 2})
    assert await limits() == {"tokens_per_day": 5, "messages_per_day": 0, "messages_per_minute": 2}
    assert not await administration.set_limits(CONSOLE, anna.user_id, {"messages_per_minute": 2})
    await administration.set_limits(CONSOLE, anna.user_id, {"tokens_per_day": None})
    assert await limits() == {"messages_per_day": 0, "messages_per_minute": 2}
    bad: list[Any] = [
        *(-1, 1.5, "5", True, [], {}, 10**12, "x"),
    ]
    for value in bad:
        with pytest.raises(Conflict, match="bad_limit"):
            await administration.set_limits(CONSOLE, anna.user_id, {"tokens_per_day": value})
    with pytest.raises(Conflict, match="bad_limit"):
        await administration.set_limits(CONSOLE, anna.user_id, {"messages_per_day": 2**31})
    for name in ("tokens", "level", ""):
        with pytest.raises(Conflict, match="unknown_limit"):
            await db.call("set_limits", admin_id=CONSOLE, user_id=anna.user_id, limits={name: 1})
    for shape in (None, "5"):
        with pytest.raises(Conflict, match="bad_limit"):
            await db.call("set_limits", admin_id=CONSOLE, user_id=anna.user_id, limits=shape)
    assert await limits() == {"messages_per_day": 0, "messages_per_minute": 2}
    log = await administration.log(CONSOLE, 0, 10)
    assert [dict(act.details) for act in log.items] == [
        {"tokens_per_day": None},
        {"messages_per_minute": 2},
        {"tokens_per_day": 5, "messages_per_day": 0},
    ]


async def test_a_letter_is_put_once_and_its_words_are_in_no_log(
    someone: Any, administration: Administration, db: Any
) -> None:
    anna = await someone(1)
    assert (await administration.write_to(CONSOLE, anna.user_id, "  Привет \n", "k")).new
    assert not (await administration.write_to(CONSOLE, anna.user_id, "Привет", "k")).new
    await db.call("set_unreachable", telegram_id=1)
    written = await administration.write_to(CONSOLE, anna.user_id, "Ещё", "k2")
    assert (written.new, written.reachable) == (True, False)
    log = await db.call("read_admin_log", admin_id=CONSOLE, offset=0, limit=10)
    assert [item["details"] for item in log["items"]] == [{"characters": 3}, {"characters": 6}]
    for text, why in ((" \n", "letter_empty"), ("я" * 3501, "letter_too_long")):
        with pytest.raises(Conflict, match=why):
            await administration.write_to(CONSOLE, anna.user_id, text, "k3")
