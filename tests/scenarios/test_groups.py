"""Groups, channels and other bots."""

from __future__ import annotations

import time
from typing import Any

import pytest
from aiogram import Dispatcher
from aiogram.methods import SendMessage
from aiogram.types import ChatMemberAdministrator, InlineKeyboardMarkup

from tests.scenarios.conftest import BLOCKED, STALE, Person, Product, answers, refused
from tests.telegram import RecordingSession


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
    refusal = refused("not enough rights")
    session.fail(SendMessage, refusal, BLOCKED)
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


def test_no_update_goes_through_a_thread(dispatcher: Dispatcher) -> None:
    """aiogram takes what is no coroutine to the pool of threads that files are read in."""
    checks = [
        (router.name, check)
        for router in dispatcher.chain_tail
        for observer in router.observers.values()
        for handler in (observer._handler, *observer.handlers)
        for check in handler.filters or ()
    ]
    assert len(checks) > 50
    assert [name for name, check in checks if not check.awaitable] == []
    handlers = [h for r in dispatcher.chain_tail for o in r.observers.values() for h in o.handlers]
    assert all(handler.awaitable for handler in handlers)
