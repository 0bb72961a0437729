"""Being forgotten: offered in plain words, confirmed once, taken back for a week."""

from __future__ import annotations

import secrets
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks.own_data import AskForget, Forget, KeepEverything
from bot.handlers.saying import say, say_after, show
from bot.keyboards.own_data import leaving_keyboard, offer_keyboard
from bot.texts import Words
from bot.texts.dates import clock, date_long
from core import Conflict, OwnData, Person


def router() -> Router:
    forgetting = Router(name="forgetting")
    forgetting.message.register(offer_by_command, Command("forget_me"))
    forgetting.callback_query.register(offer_by_button, AskForget.filter())
    forgetting.callback_query.register(forget, Forget.filter())
    forgetting.callback_query.register(keep, KeepEverything.filter())
    return forgetting


async def offer_by_command(
    message: Message, person: Person, words: Words, own_data: OwnData
) -> None:
    await say(message, *await _offer(person, words, own_data))


async def offer_by_button(
    query: CallbackQuery, person: Person, words: Words, own_data: OwnData
) -> None:
    await say_after(query, *await _offer(person, words, own_data))


async def forget(
    query: CallbackQuery,
    callback_data: Forget,
    person: Person,
    words: Words,
    own_data: OwnData,
) -> None:
    erase_at = await own_data.request_erasure(person.user_id, callback_data.nonce)
    said = words("own-leaving-begun", when=moment(erase_at, person, words))
    await show(query, said, leaving_keyboard(words))


async def keep(query: CallbackQuery, person: Person, words: Words, own_data: OwnData) -> str | None:
    try:
        kept = await own_data.cancel_erasure(person.user_id)
    except Conflict:
        return words.plain("own-too-late")
    await show(query, words("own-stayed" if kept else "own-kept"))
    return None


def moment(at: datetime, person: Person, words: Words) -> str:
    """In the person's own time."""
    local = at.astimezone(person.zone)
    return words.plain("own-moment", date=date_long(local, words), time=clock(local))


async def _offer(
    person: Person, words: Words, own_data: OwnData
) -> tuple[str, InlineKeyboardMarkup]:
    nonce = secrets.token_hex(4)
    await own_data.offer_erasure(person.user_id, nonce)
    return words("own-forget-offer"), offer_keyboard(nonce, words)
