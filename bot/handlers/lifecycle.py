"""Freeze, wake, delete and bring back: from the card for any vision, by command for the current."""

from __future__ import annotations

from uuid import UUID

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AskDelete, ChangeVision, Delete
from bot.handlers.saying import say, show
from bot.handlers.visions import the_card, the_list
from bot.keyboards.lifecycle import delete_keyboard, deleted_keyboard, frozen_keyboard
from bot.texts import Words
from core import Person, Visions


def router() -> Router:
    lifecycle = Router(name="lifecycle")
    lifecycle.message.register(freeze_current, Command("freeze"))
    lifecycle.message.register(ask_to_delete_current, Command("delete"))
    lifecycle.callback_query.register(change, ChangeVision.filter())
    lifecycle.callback_query.register(ask_to_delete, AskDelete.filter())
    lifecycle.callback_query.register(delete, Delete.filter())
    return lifecycle


async def freeze_current(
    message: Message, person: Person, words: Words, source_key: str, visions: Visions
) -> None:
    state, card = await visions.freeze_current(person.user_id, source_key=source_key)
    if card is None:
        return await say_no_current(message, person, words, visions)
    said = words("frozen-already" if state == "already" else "frozen-now", title=card.title)
    await say(message, said, frozen_keyboard(UUID(card.id), words))
    return None


async def ask_to_delete_current(
    message: Message, person: Person, words: Words, visions: Visions
) -> None:
    if not person.active_vision_id:
        return await say_no_current(message, person, words, visions)
    card = await visions.card(person.user_id, person.active_vision_id)
    said = words("delete-sure", title=card.title, held=card.held)
    await say(message, said, delete_keyboard(UUID(card.id), 0, words))
    return None


async def say_no_current(message: Message, person: Person, words: Words, visions: Visions) -> None:
    said, buttons = await the_list(0, person, words, visions)
    page = await visions.page(person.user_id, 0, 1)
    await say(message, words("no-current") if page.total else said, buttons)


async def change(
    query: CallbackQuery,
    callback_data: ChangeVision,
    person: Person,
    words: Words,
    visions: Visions,
) -> str:
    """Who wakes a vision wants to talk to it, so it becomes the current one too."""
    vision = str(callback_data.vision)
    card = await visions.change(person.user_id, vision, callback_data.to)
    held_nowhere = 0
    if callback_data.to == "active" or (callback_data.to == "restored" and card.current):
        card, held_nowhere = await visions.activate(person.user_id, vision)
    await show(query, *the_card(card, callback_data.page, person, words, held_nowhere))
    match callback_data.to:
        case "frozen":
            return words.plain("toast-frozen")
        case "active":
            return words.plain("toast-woken")
        case "restored":
            return words.plain("toast-restored")


async def ask_to_delete(
    query: CallbackQuery, callback_data: AskDelete, person: Person, words: Words, visions: Visions
) -> None:
    card = await visions.card(person.user_id, str(callback_data.vision))
    buttons = delete_keyboard(callback_data.vision, callback_data.page, words)
    await show(query, words("delete-sure", title=card.title, held=card.held), buttons)


async def delete(
    query: CallbackQuery, callback_data: Delete, person: Person, words: Words, visions: Visions
) -> str | None:
    vision, page = callback_data.vision, callback_data.page
    if not callback_data.sure:
        card = await visions.card(person.user_id, str(vision))
        await show(query, *the_card(card, page, person, words))
        return words.plain("toast-kept")
    card = await visions.change(person.user_id, str(vision), "deleted")
    await show(query, words("deleted", title=card.title), deleted_keyboard(vision, page, words))
    return None
