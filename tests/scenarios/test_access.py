"""Who may come in: modes, a guest's taste, invites, the blocked, accounts; in both languages."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from aiogram.methods import AnswerCallbackQuery, SendMessage

from core import Profile, Unavailable
from tests.access import make_invite, make_link, open_to, set_person
from tests.scenarios.conftest import NewPerson, Person, Product, answers
from tests.telegram import RecordingSession

CLOSED = {"ru": "только с теми, кого пригласили", "en": "only with people who have been invited"}
BLOCKED = {"ru": "Доступ к боту для тебя закрыт", "en": "Your access to this bot is closed"}
WELCOME = {"ru": "Приглашение принято", "en": "Your invite is accepted"}
VOICE = {"file_id": "v", "file_unique_id": "v", "duration": 3}


@pytest.fixture(params=["ru", "en"])
def pat(request: pytest.FixtureRequest, person: NewPerson) -> Person:
    """Somebody in each language."""
    return person(name="Пат", language=request.param)


def in_words(pat: Person, russian: str, english: str) -> str:
    return english if pat.language == "en" else russian


async def test_a_closed_bot_says_so_seldom_and_answers_start(
    pat: Person, product: Product, session: RecordingSession
) -> None:
    await open_to(product.db, "list")
    await pat.says("Привет")
    assert CLOSED[pat.language or ""] in pat.heard()[-1]
    for _ in range(5):
        await pat.says("Ау")
        await pat.sends(voice=VOICE)
        await pat.edits("Ау!")
        await pat.says("/start")
        await pat.says("/visions")
    assert len(pat.heard()) == 1
    assert session.calls == session.sent(SendMessage)


async def test_start_is_answered_again_after_a_minute(
    pat: Person, product: Product, dsn: str
) -> None:
    await open_to(product.db, "list")
    await pat.says("/start")
    await pat.says("/start")
    user = await product.user_id(pat)
    told = "meta = jsonb_set(meta, '{closed_told,at}', to_jsonb(now() - interval '61 seconds'))"
    await set_person(dsn, user, told)
    await pat.says("Ау")
    await pat.says("/start")
    assert len(pat.heard()) == 2
    await set_person(dsn, user, told.replace("61 seconds", "61 minutes"))
    await pat.says("Ау")
    assert len(pat.heard()) == 3


async def test_a_button_of_a_bot_that_was_closed_since(
    pat: Person, product: Product, session: RecordingSession
) -> None:
    await pat.says("/start")
    await open_to(product.db, "list")
    calls = len(session.calls)
    await pat.presses(in_words(pat, "Создать визию", "Create a vision"))
    assert len(session.calls) == calls + 1
    assert answers(session)[-1] == in_words(
        pat,
        "Сейчас я разговариваю только с приглашёнными",
        "Right now I talk only with people who have been invited",
    )
    assert await visions(product, pat) == 0


async def test_what_was_said_before_a_bot_was_closed_is_theirs_still(
    pat: Person, product: Product
) -> None:
    await pat.says("/new_vision Дом")
    await open_to(product.db, "list")
    for number, command in enumerate(("/privacy", "/export_all", "/forget_me"), 2):
        await pat.says(command)
        assert len(pat.heard()) == number
        assert CLOSED[pat.language or ""] not in pat.heard()[-1]
    await pat.says("/history")
    assert CLOSED[pat.language or ""] in pat.heard()[-1]


async def visions(product: Product, person: Person) -> int:
    user = await product.user_id(person)
    await open_to(product.db, "open")
    return (await product.visions.page(user, 0, 1)).total


async def test_an_invite_opens_a_closed_bot(pat: Person, product: Product) -> None:
    await open_to(product.db, "list")
    code = (await make_invite(product.db))["code"]
    await pat.says(f"/start i_{code}")
    assert WELCOME[pat.language or ""] in pat.heard()[-1]
    await pat.presses(in_words(pat, "Создать визию", "Create a vision"))
    await pat.says("Хочу дом")
    assert await product.said(pat) == ["Хочу дом"]
    await pat.says(f"/start i_{code}")
    assert in_words(pat, "и так всё открыто", "open to you as it is") in pat.heard()[-1]


async def test_a_repeated_update_is_welcomed_again_and_takes_one_place(
    pat: Person, product: Product
) -> None:
    await open_to(product.db, "list")
    made = await make_invite(product.db, uses=2)
    for _ in range(2):
        message = pat._message(7, text=f"/start i_{made['code']}")
        await pat.feeds(message=message, update_id=77)
    assert [WELCOME[pat.language or ""] in said for said in pat.heard()] == [True, True]
    assert await used(product, made) == 1


async def used(product: Product, made: Any) -> int:
    row = await product.db.call("list_invites", admin_id="console:test", offset=0, limit=10)
    return next(i["used"] for i in row["items"] if i["invite_id"] == made["invite_id"])


async def test_invites_that_let_nobody_in_say_why(
    pat: Person, product: Product, dsn: str, person: NewPerson
) -> None:
    await open_to(product.db, "list")
    full = await make_invite(product.db)
    await person(name="Лео").says(f"/start i_{full['code']}")
    revoked = await make_invite(product.db)
    await product.db.call("revoke_invite", admin_id="console:test", invite_id=revoked["invite_id"])
    late = await make_invite(product.db)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        change = b"update public.invites set expires_at = now() where id = %s"
        await connection.execute(change, [late["invite_id"]])
    for code, russian, english in (
        (full["code"], "мест уже не осталось", "no places left"),
        (revoked["code"], "отозвали", "taken back"),
        (late["code"], "Срок этого приглашения вышел", "has expired"),
        ("forged", "Такого приглашения у меня нет", "no such invite"),
    ):
        await pat.says(f"/start i_{code}")
        assert in_words(pat, russian, english) in pat.heard()[-1]
    await pat.says("Ау")
    assert CLOSED[pat.language or ""] in pat.heard()[-1]


@pytest.mark.parametrize("mode", ["open", "invite"])
async def test_a_refused_invite_turns_nobody_back_who_may_talk_anyway(
    pat: Person, product: Product, mode: str
) -> None:
    await open_to(product.db, mode)
    await pat.says("/start i_forged")
    said = pat.heard()[-1]
    assert in_words(pat, "Такого приглашения у меня нет", "no such invite") in said
    if mode == "open":
        assert in_words(pat, "и без него всё открыто", "open to you without it") in said
    else:
        assert in_words(pat, "осталось 2 сообщения", "2 messages left") in said
    await pat.presses(in_words(pat, "Создать визию", "Create a vision"))
    await pat.says("Хочу дом")
    assert await product.said(pat) == ["Хочу дом"]


async def test_of_two_the_last_place_is_one_persons(product: Product, person: NewPerson) -> None:
    await open_to(product.db, "list")
    made = await make_invite(product.db)
    anna, kate = person(language="ru"), person(name="Kate", language="en")
    await asyncio.gather(*(each.says(f"/start i_{made['code']}") for each in (anna, kate)))
    said = sorted([anna.heard()[-1], kate.heard()[-1]])
    welcome = [WELCOME["ru"] in anna.heard()[-1], WELCOME["en"] in kate.heard()[-1]]
    assert sorted(welcome) == [False, True], said
    assert await used(product, made) == 1


async def test_a_guest_is_told_what_is_left_and_goes_on_by_an_invite(
    pat: Person, product: Product
) -> None:
    await open_to(product.db, "invite")
    await pat.says("/start")
    assert in_words(pat, "осталось 2 сообщения", "2 messages left") in pat.heard()[-1]
    await pat.presses(in_words(pat, "Создать визию", "Create a vision"))
    await pat.says("раз")
    await pat.says("/start")
    assert in_words(pat, "осталось 1 сообщение", "1 message left") in pat.heard()[-1]
    for word in ("два", "три", "четыре"):
        await pat.says(word)
    assert await product.said(pat) == ["раз", "два"]
    await pat.says("/start")
    assert in_words(pat, "сообщения закончились", "messages are used up") in pat.heard()[-1]

    await pat.says(f"/start i_{(await make_invite(product.db))['code']}")
    assert WELCOME[pat.language or ""] in pat.heard()[-1]
    assert "2" in pat.heard()[-1]
    await pat.presses(in_words(pat, "Отправить написанное (2)", "Send what I wrote (2)"))
    assert await product.said(pat) == ["раз", "два", "три", "четыре"]
    await pat.says("пять")
    assert (await product.said(pat))[-1] == "пять"
    await pat.says("/start")
    assert in_words(pat, "гость", "guest") not in pat.heard()[-1]


async def test_what_a_guest_said_before_any_vision_waits_too(pat: Person, product: Product) -> None:
    await open_to(product.db, "invite", guest_messages=0)
    await pat.says("Хочу дом")
    await pat.says(f"/start i_{(await make_invite(product.db))['code']}")
    await pat.presses(in_words(pat, "Создать визию", "Create a vision"))
    assert await product.said(pat) == ["Хочу дом"]


async def test_in_an_open_bot_nobody_is_a_guest(pat: Person, product: Product) -> None:
    await open_to(product.db, "open")
    await pat.says("/new_vision Дом")
    for number in range(5):
        await pat.says(str(number))
    assert len(await product.said(pat)) == 5
    await pat.says("/start")
    assert in_words(pat, "гость", "guest") not in pat.heard()[-1]


@pytest.mark.parametrize("mode", ["open", "list"])
async def test_a_blocked_person_hears_one_word_and_silence(
    pat: Person, product: Product, session: RecordingSession, dsn: str, mode: str
) -> None:
    await pat.says("/start")
    await open_to(product.db, mode)
    await set_person(dsn, await product.user_id(pat), "level = 'blocked'")
    invite = await make_invite(product.db)
    heard = len(pat.heard())
    calls = len(session.calls)
    await pat.edits("раньше")
    assert len(session.calls) == calls
    for _ in range(2):
        await pat.feeds(message=pat._message(7, text="Почему?"), update_id=70)
        # Redelivered, since Telegram may not have taken the word.
        assert BLOCKED[pat.language or ""] in pat.heard()[-1]
    assert len(pat.heard()) == heard + 2
    calls = len(session.calls)
    await pat.says("Почему?")
    await pat.says("/start")
    await pat.says(f"/start i_{invite['code']}")
    await pat.says(f"/start u_{await make_link(product.db, 'crm')}")
    await pat.sends(voice=VOICE)
    await pat.edits("Ну почему?")
    await pat.stops(5)
    assert session.calls[calls:] == []
    await pat.presses(in_words(pat, "Создать визию", "Create a vision"))
    await pat.presses_data("bind:x:1")
    assert [type(call) for call in session.calls[calls:]] == [AnswerCallbackQuery] * 2
    assert answers(session)[-2:] == [None, None]
    assert await used(product, invite) == 0


async def test_an_account_link_binds_a_newcomer_without_a_question(
    pat: Person, product: Product
) -> None:
    await open_to(product.db, "list")
    code = await make_link(product.db, "crm-1")
    await pat.says(f"/start u_{code}")
    assert in_words(pat, "привязан к аккаунту", "is bound to the account") in pat.heard()[-1]
    assert pat.buttons() == []
    assert await product.user_id(pat) == "crm-1"
    await pat.says(f"/start u_{code}")
    assert in_words(pat, "уже привязан к этому", "to this account already") in pat.heard()[-1]
    await pat.says("/new_vision Дом")
    assert "Дом" in pat.heard()[-1]


async def test_what_was_written_moves_after_a_yes(
    pat: Person, product: Product, session: RecordingSession
) -> None:
    for title in ("Дом", "Сад"):
        await pat.says(f"/new_vision {title}")
    await pat.says("у моря")
    before = await product.user_id(pat)
    await pat.says(f"/start u_{await make_link(product.db, 'crm-1')}")
    assert in_words(pat, "2 визии, сообщений — 1", "2 visions and 1 message") in pat.heard()[-1]
    await pat.presses(in_words(pat, "Отмена", "Cancel"))
    assert in_words(pat, "ничего не меняю", "I change nothing") in pat.heard()[-1]
    assert await product.user_id(pat) == before

    await pat.says(f"/start u_{await make_link(product.db, 'crm-1')}")
    label = in_words(pat, "Привязать и перенести 2 визии", "Bind and move 2 visions")
    [(message, button)] = [each for each in pat._buttons() if each[1].text == label]
    for _ in range(2):
        await pat._callback(button.callback_data, message)
        assert in_words(pat, "Готово", "Done") in pat.heard()[-1]
    assert await product.user_id(pat) == "crm-1"
    assert await product.said(pat) == ["у моря"]
    await pat.says("с верандой")
    assert await product.said(pat) == ["у моря", "с верандой"]


async def test_account_links_that_bind_nobody_say_why(
    pat: Person, product: Product, dsn: str, person: NewPerson
) -> None:
    await pat.says("/new_vision Дом")
    spent, late, closed = [await make_link(product.db, f"crm-{n}") for n in range(3)]
    await person(name="Лео").says(f"/start u_{spent}")
    await set_person(dsn, "crm-2", "level = 'blocked'")
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        change = "update public.account_links set expires_at = now() where user_id = 'crm-1'"
        await connection.execute(change.encode())
    for code, russian, english in (
        (spent, "одноразовая", "each works once"),
        (late, "Срок этой ссылки вышел", "has expired"),
        (closed, "сейчас закрыт", "is closed right now"),
        ("forged", "Такой ссылки у меня нет", "no such link"),
    ):
        await pat.says(f"/start u_{code}")
        assert in_words(pat, russian, english) in pat.heard()[-1]
        await pat.presses_data(f"bind:{code}:1")
        assert in_words(pat, russian, english) in pat.heard()[-1]
    assert not (await product.user_id(pat)).startswith("crm")

    await pat.says(f"/start u_{await make_link(product.db, 'crm-8')}")
    await pat.presses(in_words(pat, "Привязать и перенести 1 визию", "Bind and move 1 vision"))
    await pat.says(f"/start u_{await make_link(product.db, 'crm-9')}")
    assert in_words(pat, "к другому аккаунту", "to another account already") in pat.heard()[-1]
    assert await product.user_id(pat) == "crm-8"


async def test_who_was_moved_while_an_update_was_handled_is_signed_in_anew(
    anna: Person, product: Product, dsn: str
) -> None:
    """The handler fails as with a database that is away, and the intake tries again."""
    await anna.says("/new_vision Дом")
    users = product.users
    person = await users.sign_in(anna.id, Profile("Аня"), "k")
    code = await make_link(product.db, "crm-1")
    await product.access.account_links.accept(person.user_id, code)

    async def stale(*_: object, **__: object) -> Any:
        return person

    users.sign_in = stale  # type: ignore[method-assign]
    try:
        with pytest.raises(Unavailable):
            await anna.says("у моря")
    finally:
        del users.sign_in  # type: ignore[method-assign]
    await anna.says("у моря")
    assert await product.said(anna) == ["у моря"]
