"""Old and forged buttons, groups and channels, blocked bots, a database that is away."""

from __future__ import annotations

import time
import uuid
from typing import Any

import psycopg
import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage
from aiogram.types import ChatMemberAdministrator, InlineKeyboardMarkup, Update

from bot.dispatcher import build_dispatcher
from bot.handlers.errors import apologise
from bot.texts import Texts
from core import Unavailable, Users
from tests.scenarios.conftest import Person, Product
from tests.scenarios.test_lifecycle import statuses
from tests.scenarios.test_visions import make
from tests.telegram import RecordingSession

STALE = "Кнопка устарела"
NOBODYS = "0b8f3c1e000040008000000000000001"
BLOCKED = TelegramForbiddenError(method=None, message="Forbidden: bot was blocked by the user")  # type: ignore[arg-type]
FULL = ["open:{}:0", "go:{}", "set:{}:frozen:0", "set:{}:active:0", "set:{}:restored:0", "del:{}:0"]
FULL += ["del!:{}:1:0", "del!:{}:0:0", "name:{}", "held:{}:vision:1", "held:{}:nowhere:0"]
FULL += ["hist:{}:0:0", "exp:{}", "retry:{}", "more:{}"]


def answers(session: RecordingSession) -> list[str | None]:
    return [call.text for call in session.sent(AnswerCallbackQuery)]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "x",
        "open",
        "open:1:0",
        "open:not-a-uuid:0",
        f"open:{NOBODYS}:-1",
        f"open:{NOBODYS}:99999999999999999999",
        f"open:{NOBODYS}:0:0",
        f"set:{NOBODYS}:deleted:0",
        f"set:{NOBODYS}:'; drop table users:0",
        f"hist:{NOBODYS}:99999999999999999999:0",
        f"hist:{NOBODYS}:1:99999",
        "list:-1",
        "list:🦄",
        "new:zzzzzzzz:1",
        "lang:de",
        "admin:1",
        "☃" * 20,
    ],
)
async def test_data_nobody_can_read(
    anna: Person, product: Product, session: RecordingSession, data: str
) -> None:
    await make(anna, "Дом")
    calls = len(session.calls)
    await anna.presses_data(data)
    assert answers(session) == [STALE]
    assert len(session.calls) == calls + 1
    assert await statuses(anna, product) == {"Дом": "active"}


@pytest.mark.parametrize("data", FULL)
async def test_another_persons_vision_looks_like_no_vision(
    anna: Person, kate: Person, product: Product, session: RecordingSession, data: str
) -> None:
    await make(anna, "Тайна")
    await anna.says("моё")
    [item] = (await product.visions.page(await product.user_id(anna), 0, 1)).items
    calls = len(session.calls)
    await kate.presses_data(data.format(uuid.UUID(item.id).hex))
    await kate.presses_data(data.format(NOBODYS))
    assert answers(session) == ["This button is out of date"] * 2
    assert len(session.calls) == calls + 2
    assert await statuses(anna, product) == {"Тайна": "active"}
    assert await product.said(anna) == ["моё"]


@pytest.mark.parametrize(
    "data", [each for each in FULL if "restored" not in each and "1:0" not in each]
)
async def test_buttons_of_a_deleted_vision(
    anna: Person, product: Product, session: RecordingSession, data: str
) -> None:
    await make(anna, "Дом")
    [item] = (await product.visions.page(await product.user_id(anna), 0, 1)).items
    await product.visions.change(await product.user_id(anna), item.id, "deleted")
    heard = len(anna.heard())
    await anna.presses_data(data.format(uuid.UUID(item.id).hex))
    [said] = answers(session)
    assert said in (STALE, "Эта визия удалена")
    assert len(anna.heard()) == heard
    assert await statuses(anna, product) == {}


async def test_somebody_elses_new_vision_button(
    anna: Person, kate: Person, product: Product
) -> None:
    await anna.says("/start")
    [(_, button)] = anna._buttons()
    await anna.presses("✨ Создать визию")
    await kate.presses_data(button.callback_data or "")
    assert len(await statuses(kate, product)) == 1
    assert len(await statuses(anna, product)) == 1


async def test_a_press_is_answered_exactly_once(anna: Person, session: RecordingSession) -> None:
    await make(anna, "Дом")
    await anna.says("/visions")
    labels = ["✓ Дом", "В архив", "Разморозить", "История", "Удалить", "Оставить", "Продолжить"]
    for label in labels:
        await anna.presses(label)
    assert len(session.sent(AnswerCallbackQuery)) == len(labels)


async def test_an_expired_press_still_has_its_effect(
    anna: Person, product: Product, session: RecordingSession
) -> None:
    await make(anna, "Дом")
    await anna.says("/freeze")
    old = TelegramBadRequest(method=None, message="Bad Request: query is too old")  # type: ignore[arg-type]
    session.fail(AnswerCallbackQuery, old)
    await anna.presses("Разморозить")
    assert await statuses(anna, product) == {"Дом": "active"}


async def test_a_message_too_old_to_be_changed_is_followed_by_a_new_one(
    anna: Person, product: Product, session: RecordingSession
) -> None:
    await make(anna, "Дом")
    await anna.presses_data("list:0", message_id=1)
    assert "1 визия" in anna.heard()[-1]
    gone = TelegramBadRequest(method=None, message="Bad Request: message can't be edited")  # type: ignore[arg-type]
    session.fail(EditMessageText, gone)
    await anna.presses("✓ Дом")
    assert "в пути" in anna.heard()[-1]
    assert isinstance(session.calls[-2], SendMessage)


async def test_a_press_without_a_message_is_answered(anna: Person) -> None:
    query = {"id": "1", "from": anna.me, "chat_instance": "1", "data": "list:0"}
    await anna.feeds(callback_query=query)
    assert anna.told() == [STALE]


# Groups and channels.


def links(session: RecordingSession) -> list[str | None]:
    markups = [call.reply_markup for call in session.sent(SendMessage)]
    assert all(isinstance(markup, InlineKeyboardMarkup) for markup in markups)
    return [markup.inline_keyboard[0][0].url for markup in markups if markup]  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["/start", "/help@path_bot", "эй, @Path_Bot, ты тут?"])
async def test_a_group_is_told_once_where_the_bot_lives(
    anna: Person, session: RecordingSession, text: str
) -> None:
    group = anna.in_group()
    await group.sends(text=text)
    assert group.heard() == ["Я разговариваю только наедине: путь к визии — дело личное."]
    assert links(session) == ["https://t.me/path_bot"]
    assert anna.heard() == []


@pytest.mark.parametrize(
    "content",
    [
        {"text": "просто разговор"},
        {"text": "/start@other_bot"},
        {"text": "пиши на a@path_bot_x.ru"},
        {"sticker": None},
        {"new_chat_title": "Новое имя"},
    ],
)
async def test_other_words_in_a_group_are_not_for_the_bot(
    anna: Person, session: RecordingSession, content: dict[str, Any]
) -> None:
    group = anna.in_group()
    await group.sends(**{name: value for name, value in content.items() if value})
    edited = group._message(5, text="/start", edit_date=1)
    await group.feeds(edited_message=edited)
    assert group.heard() == []


async def test_nobody_in_a_group_becomes_a_user(
    anna: Person, product: Product, session: RecordingSession
) -> None:
    group = anna.in_group()
    await group.says("/start")
    await group.says("слова")
    await group.feeds(edited_message=group._message(5, text="слова", edit_date=1))
    await group.presses_data("list:0")
    assert answers(session) == [STALE]
    signed_in = await product.db.call(
        "sign_in", telegram_id=anna.id, profile={"first_name": "Аня"}, source_key="test"
    )
    assert signed_in["new"]


async def test_a_group_without_the_right_to_write_is_no_trouble(
    anna: Person, session: RecordingSession
) -> None:
    refused = TelegramBadRequest(method=None, message="Bad Request: not enough rights")  # type: ignore[arg-type]
    session.fail(SendMessage, refused, BLOCKED)
    await anna.in_group().says("/start")
    await anna.in_group().says("/start")
    assert session.sent(SendMessage) == []


def added(person: Person, old: str, new: str, kind: str = "supergroup") -> dict[str, Any]:
    user = {"id": person.bot.id, "is_bot": True, "first_name": "bot"}
    rights = {
        name: False
        for name, field in ChatMemberAdministrator.model_fields.items()
        if field.annotation is bool
    }
    states = {
        "left": {"status": "left", "user": user},
        "member": {"status": "member", "user": user},
        "administrator": {"status": "administrator", "user": user, **rights},
        "kicked": {"status": "kicked", "user": user, "until_date": 0},
    }
    return {
        "chat": {"id": -1001, "type": kind, "title": "Группа"},
        "from": person.me,
        "date": int(time.time()),
        "old_chat_member": states[old],
        "new_chat_member": states[new],
    }


@pytest.mark.parametrize(
    ("old", "new", "kind", "words"),
    [
        ("left", "member", "supergroup", 1),
        ("left", "administrator", "group", 1),
        ("member", "administrator", "supergroup", 0),
        ("member", "kicked", "supergroup", 0),
        ("left", "administrator", "channel", 0),
    ],
)
async def test_being_added_somewhere(
    kate: Person, session: RecordingSession, old: str, new: str, kind: str, words: int
) -> None:
    await kate.feeds(my_chat_member=added(kate, old, new, kind))
    said = [call.text for call in session.sent(SendMessage)]
    assert said == ["I only talk in private: the way to a vision is a personal thing."] * words


async def test_channel_posts_are_not_even_asked_for(dispatcher: Dispatcher) -> None:
    assert set(dispatcher.resolve_used_update_types()) == {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "stopped_message_generation",
    }


async def test_other_bots_are_not_listened_to(anna: Person, product: Product) -> None:
    message = anna._message(5, text="/start")
    message["from"]["is_bot"] = True
    await anna.feeds(message=message)
    assert anna.heard() == []


# Blocked, deleted, failing.


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
    dispatcher = build_dispatcher(
        users=_Away(), visions=product.visions, dialogue=product.dialogue, texts=texts
    )
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
