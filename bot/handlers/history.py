"""The dialogue read again, page by page, from the latest words back."""

from __future__ import annotations

from uuid import UUID

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InaccessibleMessage, Message

from bot.callbacks import ShowHistory
from bot.handlers.lifecycle import say_no_current
from bot.handlers.saying import NO_PREVIEW, take_buttons_away, thread_of
from bot.handlers.transcript import pieces_of
from bot.keyboards.history import history_keyboard
from bot.texts import Words
from core import Dialogue, Person, Visions

PAGE = 20

Place = tuple[int, int]


def router() -> Router:
    history = Router(name="history")
    history.message.register(history_by_command, Command("history"))
    history.callback_query.register(history_by_button, ShowHistory.filter())
    return history


async def history_by_command(
    message: Message,
    bot: Bot,
    person: Person,
    words: Words,
    visions: Visions,
    dialogue: Dialogue,
) -> None:
    if not person.active_vision_id:
        return await say_no_current(message, person, words, visions)
    vision = UUID(person.active_vision_id)
    await _send_page(vision, None, bot, message, person, words, dialogue)
    return None


async def history_by_button(
    query: CallbackQuery,
    callback_data: ShowHistory,
    bot: Bot,
    person: Person,
    words: Words,
    dialogue: Dialogue,
) -> str | None:
    before = (callback_data.anchor, callback_data.part) if callback_data.anchor else None
    sent = await _send_page(
        callback_data.vision, before, bot, query.message, person, words, dialogue
    )
    if before:
        await take_buttons_away(query)
    return None if sent else words.plain("history-start")


async def _send_page(
    vision: UUID,
    before: Place | None,
    bot: Bot,
    after: Message | InaccessibleMessage | None,
    person: Person,
    words: Words,
    dialogue: Dialogue,
) -> bool:
    """Into the chat and topic of `after`. False if there is nothing before that place."""
    page = await dialogue.history(person.user_id, str(vision), before=before, limit=PAGE)
    if not page.entries and before:
        return False
    if after is None:
        return True
    thread = thread_of(after)
    if not page.entries:
        await bot.send_message(
            after.chat.id,
            words("history-empty", title=page.title),
            message_thread_id=thread,
            parse_mode="HTML",
        )
        return True
    pieces = pieces_of(page.title, page.entries, person.zone, words)
    for piece in pieces:
        last = piece is pieces[-1]
        await bot.send_message(
            after.chat.id,
            piece.text,
            message_thread_id=thread,
            entities=piece.entities,
            parse_mode=None,
            link_preview_options=NO_PREVIEW,
            reply_markup=history_keyboard(vision, page, person.zone, words) if last else None,
        )
    return True
