"""`/broadcast`: an admin writes to many people at once, sees it go, pauses and stops it."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.broadcasting.content import content_of, has_long_caption, letter_to
from bot.callbacks.broadcast import (
    AskStop,
    ChangeBroadcast,
    ChooseWhom,
    Compose,
    DropBroadcast,
    SendBroadcast,
    ShowBroadcast,
    ShowBroadcasts,
    StopBroadcast,
)
from bot.handlers.asking import asked_about
from bot.handlers.saying import say, say_after, show
from bot.keyboards.broadcast import (
    list_keyboard,
    screen_keyboard,
    stop_keyboard,
    sure_keyboard,
    whom_keyboard,
)
from bot.keyboards.lifecycle import cancel_keyboard
from bot.texts import Words
from bot.texts.broadcast import AUDIENCES, screen_words, whom
from core import Broadcast, Broadcasts, Conflict, Person, Users

LISTED = 8


def router() -> Router:
    broadcast = Router(name="broadcast")
    broadcast.message.register(begin, Command("broadcast"))
    broadcast.message.register(draft, asked_about("broadcast"))
    broadcast.callback_query.register(show_all, ShowBroadcasts.filter())
    broadcast.callback_query.register(compose, Compose.filter())
    broadcast.callback_query.register(choose_whom, ChooseWhom.filter())
    broadcast.callback_query.register(send, SendBroadcast.filter())
    broadcast.callback_query.register(drop, DropBroadcast.filter())
    broadcast.callback_query.register(show_one, ShowBroadcast.filter())
    broadcast.callback_query.register(change, ChangeBroadcast.filter())
    broadcast.callback_query.register(ask_stop, AskStop.filter())
    broadcast.callback_query.register(stop, StopBroadcast.filter())
    return broadcast


async def begin(
    message: Message, person: Person, words: Words, users: Users, broadcasts: Broadcasts
) -> None:
    """What is under way comes first: nobody shall start a second one unawares."""
    known, total = await broadcasts.list(person.user_id, limit=LISTED)
    if any(each.running for each in known):
        said = words("broadcast-list", count=total)
        await say(message, said, list_keyboard(known, person.zone, words))
    else:
        await users.ask(person.user_id, "broadcast")
        await say(message, words("broadcast-ask"), cancel_keyboard(words))


async def show_all(
    query: CallbackQuery, person: Person, words: Words, broadcasts: Broadcasts
) -> None:
    known, total = await broadcasts.list(person.user_id, limit=LISTED)
    said = words("broadcast-list", count=total)
    await show(query, said, list_keyboard(known, person.zone, words))


async def compose(query: CallbackQuery, person: Person, words: Words, users: Users) -> None:
    await users.ask(person.user_id, "broadcast")
    await say_after(query, words("broadcast-ask"), cancel_keyboard(words))


async def draft(
    message: Message,
    bot: Bot,
    person: Person,
    words: Words,
    users: Users,
    broadcasts: Broadcasts,
    source_key: str,
) -> None:
    """What can't be broadcast leaves the question open."""
    if message.media_group_id:
        # Of an album, one word is enough.
        if await broadcasts.is_first_of(f"{message.chat.id}:{message.media_group_id}"):
            await say(message, words("broadcast-album"), cancel_keyboard(words))
        return
    content = content_of(message)
    if content is None or has_long_caption(content):
        said = words("broadcast-caption-long") if content else words("broadcast-kind")
        await say(message, said, cancel_keyboard(words))
        return
    drafted = await broadcasts.draft(person.user_id, content, source_key)
    try:
        await bot(letter_to(message.chat.id, content))
    except TelegramBadRequest:
        await broadcasts.drop(person.user_id, drafted.id)
        await say(message, words("broadcast-refused"), cancel_keyboard(words))
        return
    await users.answered(person.user_id, source_key)
    await say(message, words("broadcast-choose"), whom_keyboard(drafted.id, words))


async def choose_whom(
    query: CallbackQuery,
    callback_data: ChooseWhom,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> None:
    audience = AUDIENCES[callback_data.whom]
    found = await broadcasts.choose(person.user_id, callback_data.broadcast, audience)
    if found.status == "draft":
        await show(query, *_sure(found, words))
    else:
        await _watch(query, found, person, words, broadcasts)


async def send(
    query: CallbackQuery,
    callback_data: SendBroadcast,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> str | None:
    try:
        found = await broadcasts.confirm(person.user_id, callback_data.broadcast)
    except Conflict:
        return words.plain("toast-broadcast-nobody")
    await _watch(query, found, person, words, broadcasts)
    return None


async def drop(
    query: CallbackQuery,
    callback_data: DropBroadcast,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> None:
    dropped = await broadcasts.drop(person.user_id, callback_data.broadcast)
    if dropped:
        await show(query, words("broadcast-dropped"))
    else:
        # Confirmed meanwhile by another press; or gone, and then the button is stale.
        found = await broadcasts.get(person.user_id, callback_data.broadcast)
        await _watch(query, found, person, words, broadcasts)


async def show_one(
    query: CallbackQuery,
    callback_data: ShowBroadcast,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> None:
    found = await broadcasts.get(person.user_id, callback_data.broadcast)
    if found.status == "draft":
        await show(query, words("broadcast-choose"), whom_keyboard(found.id, words))
    else:
        await _watch(query, found, person, words, broadcasts)


async def change(
    query: CallbackQuery,
    callback_data: ChangeBroadcast,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> str:
    found, _ = await broadcasts.change(person.user_id, callback_data.broadcast, callback_data.to)
    await _watch(query, found, person, words, broadcasts)
    if not found.running:
        return words.plain("toast-broadcast-over")
    if found.status == "paused":
        return words.plain("toast-broadcast-paused")
    return words.plain("toast-broadcast-sending")


async def ask_stop(
    query: CallbackQuery,
    callback_data: AskStop,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> str | None:
    """Below the one with the progress, which is drawn anew every few seconds."""
    found = await broadcasts.get(person.user_id, callback_data.broadcast)
    if not found.running:
        return words.plain("toast-broadcast-over")
    await say_after(query, words("broadcast-stop-sure"), stop_keyboard(found.id, words))
    return None


async def stop(
    query: CallbackQuery,
    callback_data: StopBroadcast,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> str | None:
    if not callback_data.sure:
        await show(query, words("broadcast-stop-not"))
        return None
    found, _ = await broadcasts.change(person.user_id, callback_data.broadcast, "stopped")
    if found.status != "stopped":
        await show(query, screen_words(found, words))
        return words.plain("toast-broadcast-over")
    await show(query, words("broadcast-stop-now"))
    return None


async def _watch(
    query: CallbackQuery,
    found: Broadcast,
    person: Person,
    words: Words,
    broadcasts: Broadcasts,
) -> None:
    """The message with the button becomes one that shows the progress until the end."""
    await show(query, screen_words(found, words), screen_keyboard(found, words))
    if isinstance(query.message, Message):
        message = query.message
        await broadcasts.watch(person.user_id, found.id, message.chat.id, message.message_id)


def _sure(found: Broadcast, words: Words) -> tuple[str, InlineKeyboardMarkup]:
    lines = [
        words("broadcast-sure", count=found.people),
        "",
        words("broadcast-to", whom=whom(found.audience, words)),
        words("broadcast-as-is"),
    ]
    return "\n".join(lines), sure_keyboard(found, words)
