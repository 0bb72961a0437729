"""Blocked, deleted, failing: what the person and the intake get to know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import EditMessageText, SendMessage
from aiogram.types import Update

from bot.handlers.errors import apologise
from bot.texts import Texts
from core import Unavailable, Users
from tests.scenarios.conftest import BLOCKED, Person, Product, answers, dispatcher_of
from tests.scenarios.test_visions import make
from tests.telegram import RecordingSession


async def reachable(person: Person, dsn: str) -> bool:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        query = "select reachable from telegram_accounts where telegram_id = %s"
        row = await (await connection.execute(query, [person.id])).fetchone()
    assert row
    return row[0]


async def test_blocking_and_letting_in_again(anna: Person, dsn: str) -> None:
    await anna.says("/start")
    await anna.blocks()
    assert not await reachable(anna, dsn)
    await anna.blocks(back=True)
    assert await reachable(anna, dsn)


async def test_a_reply_to_somebody_who_has_blocked_the_bot(
    anna: Person, dsn: str, session: RecordingSession
) -> None:
    session.fail(SendMessage, BLOCKED)
    await anna.says("/start")
    assert not await reachable(anna, dsn)
    await anna.says("/start")
    assert await reachable(anna, dsn)


async def test_a_deleted_account_without_a_name(person) -> None:
    nobody = person(name="")
    await nobody.says("/start")
    assert nobody.heard()[0].startswith("Привет! 👋")


class _Away(Users):
    def __init__(self) -> None:
        """Has no database at all."""

    async def sign_in(self, *_: object, **__: object) -> Any:
        raise Unavailable("the database is away")


async def test_a_database_that_is_away_is_for_the_intake_to_wait_for(
    product: Product, texts: Texts, bot: Bot, session: RecordingSession
) -> None:
    dispatcher = dispatcher_of(replace(product, users=_Away()), texts, speaks=True)
    anna = Person(dispatcher, bot)
    for does in (anna.says("/start"), anna.says("слова"), anna.presses_data("list:0")):
        with pytest.raises(Unavailable):
            await does
    with pytest.raises(Unavailable):
        await anna.stops(5)
    assert session.calls == []


async def test_an_unexpected_error_leaves_the_press_unanswered_for_the_repeat(
    anna: Person, session: RecordingSession
) -> None:
    await make(anna, "Дом")
    await anna.says("/visions")
    session.fail(EditMessageText, TelegramNetworkError(method=None, message="cut"))  # type: ignore[arg-type]
    with pytest.raises(TelegramNetworkError):
        await anna.presses("✓ Дом")
    assert answers(session) == []


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "сломалось"), ("en", "broke"), (None, "сломалось")]
)
async def test_an_apology_in_the_language_of_the_account(
    bot: Bot, session: RecordingSession, texts: Texts, language: str | None, words: str
) -> None:
    await apologise(bot, update(message=said("слова", language)), texts)
    assert words in session.sent(SendMessage)[0].text


async def test_an_apology_for_a_press_is_a_toast(
    bot: Bot, session: RecordingSession, texts: Texts
) -> None:
    press = {"id": "1", "from": said("", "en")["from"], "chat_instance": "1", "data": "x"}
    await apologise(bot, update(callback_query=press), texts)
    assert answers(session) == ["That didn’t work, please try again"]


async def test_no_apology_where_none_is_due(
    bot: Bot, session: RecordingSession, texts: Texts
) -> None:
    group = said("слова", "ru") | {"chat": {"id": -5, "type": "group", "title": "Г"}}
    await apologise(bot, update(message=group), texts)
    await apologise(bot, update(edited_message=said("слова", "ru")), texts)
    session.fail(SendMessage, BLOCKED)
    await apologise(bot, update(message=said("слова", "ru")), texts)
    assert session.answered == []


def said(text: str, language: str | None) -> dict[str, Any]:
    person = {"id": 9, "is_bot": False, "first_name": "Аня", "language_code": language}
    chat = {"id": 9, "type": "private"}
    return {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text}


def update(**event: Any) -> Update:
    return Update.model_validate({"update_id": 1, **event})
