"""A new title: in the command itself, or as the answer to a question."""

from __future__ import annotations

from uuid import UUID

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import DropQuestion, Rename
from bot.delivery.text import is_blank
from bot.handlers.asking import asked_about
from bot.handlers.lifecycle import say_no_current
from bot.handlers.saying import say, say_after, show
from bot.keyboards.lifecycle import cancel_keyboard, card_link_keyboard
from bot.texts import Words
from core import TITLE_LIMIT, Person, Users, Visions


def router() -> Router:
    renaming = Router(name="renaming")
    renaming.message.register(rename_by_command, Command("rename"))
    renaming.callback_query.register(ask, Rename.filter())
    renaming.callback_query.register(drop_question, DropQuestion.filter())
    renaming.message.register(rename_by_answer, asked_about("rename"))
    return renaming


async def rename_by_command(
    message: Message,
    command: CommandObject,
    person: Person,
    words: Words,
    visions: Visions,
    users: Users,
) -> None:
    if not person.active_vision_id:
        return await say_no_current(message, person, words, visions)
    title = command.args or ""
    if is_blank(title):
        card = await visions.card(person.user_id, person.active_vision_id)
        await users.ask(person.user_id, "rename", card.id)
        await say(message, words("rename-ask", title=card.title), cancel_keyboard(words))
        return None
    card = await visions.rename(person.user_id, person.active_vision_id, title)
    said = words("renamed", title=card.title)
    await say(message, said, card_link_keyboard(UUID(card.id), words))
    return None


async def ask(
    query: CallbackQuery,
    callback_data: Rename,
    person: Person,
    words: Words,
    visions: Visions,
    users: Users,
) -> None:
    card = await visions.card(person.user_id, str(callback_data.vision))
    await users.ask(person.user_id, "rename", card.id)
    await say_after(query, words("rename-ask", title=card.title), cancel_keyboard(words))


async def rename_by_answer(
    message: Message,
    person: Person,
    words: Words,
    visions: Visions,
    users: Users,
    source_key: str,
) -> None:
    title = " ".join((message.text or "").split())
    if is_blank(title):
        await say(message, words("rename-empty"), cancel_keyboard(words))
        return
    if len(title) > TITLE_LIMIT:
        said = words("rename-long", limit=TITLE_LIMIT)
        await say(message, said, cancel_keyboard(words))
        return
    assert person.asked
    vision = person.asked.subject or ""
    try:
        card = await visions.rename(person.user_id, vision, title)
    finally:
        # A vision that has gone meanwhile must not keep asking.
        await users.answered(person.user_id, source_key)
    said = words("renamed", title=card.title)
    await say(message, said, card_link_keyboard(UUID(card.id), words))


async def drop_question(query: CallbackQuery, words: Words) -> None:
    """The question itself was taken back by the press, as by any other."""
    await show(query, words("question-dropped"))
