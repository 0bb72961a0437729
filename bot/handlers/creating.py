"""A new vision: by command or by button, made once however often it is asked for."""

from __future__ import annotations

from uuid import UUID

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks import NewVision
from bot.delivery.text import is_blank
from bot.handlers.saying import say, say_after, show, take_buttons_away
from bot.keyboards.access import send_on_keyboard
from bot.keyboards.lifecycle import created_keyboard
from bot.texts import Words
from bot.texts.dates import date_short
from core import Card, HeldOver, Person, Visions, local_time


def router() -> Router:
    creating = Router(name="creating")
    creating.message.register(create_by_command, Command("new_vision"))
    creating.callback_query.register(create_by_button, NewVision.filter())
    return creating


async def create_by_command(
    message: Message,
    command: CommandObject,
    person: Person,
    words: Words,
    visions: Visions,
    source_key: str,
) -> None:
    title = command.args or ""
    if is_blank(title):
        title = default_title(person, words)
    card, sent = await visions.create(person.user_id, title, source_key)
    await say(message, _created(card, sent, words), _keyboard(card, words))


async def create_by_button(
    query: CallbackQuery,
    callback_data: NewVision,
    person: Person,
    words: Words,
    visions: Visions,
    bot: Bot,
) -> str | None:
    key = f"tg:{bot.id}:{query.from_user.id}:new:{callback_data.nonce}"
    card, sent = await visions.create(person.user_id, default_title(person, words), key)
    if card.status == "deleted":
        return words.plain("gone")
    said, buttons = _created(card, sent, words), _keyboard(card, words)
    if callback_data.keep:
        await take_buttons_away(query)
        await say_after(query, said, buttons)
    else:
        await show(query, said, buttons)
    return None


def default_title(person: Person, words: Words) -> str:
    today = date_short(local_time(person.zone), words)
    return words.plain("vision-default-title", date=today)


def _keyboard(card: Card, words: Words) -> InlineKeyboardMarkup:
    """What there is no room for yet waits in it."""
    if card.held:
        return send_on_keyboard(HeldOver(card.held, card.id, frozen=False), words)
    return created_keyboard(UUID(card.id), words)


def _created(card: Card, sent: int, words: Words) -> str:
    if sent:
        return words("vision-created-with-held", title=card.title, count=sent)
    return words("vision-created", title=card.title)
