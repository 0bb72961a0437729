"""Limits of one person: from presets, as their level has them, or any number."""

from __future__ import annotations

import re
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.callbacks.admin import AskLimit, ChooseLimit, SetLimit, ShowLimits
from bot.handlers.admin_people import card_of
from bot.handlers.asking import asked_about
from bot.handlers.saying import say, show
from bot.keyboards.admin_limits import limit_keyboard, limits_keyboard
from bot.keyboards.admin_people import person_keyboard
from bot.texts import Words
from bot.texts.limits_of_people import limit_lines, limit_value
from bot.texts.people import name_of
from core import (
    LIMITS,
    Administration,
    Conflict,
    LimitName,
    NotFound,
    Person,
    PersonCard,
    Users,
)

MOST: dict[LimitName, int] = {
    "tokens_per_day": 999_999_999_999,
    "messages_per_minute": 1_000_000_000,
    "messages_per_day": 1_000_000_000,
}
_SPACES = re.compile(r"[\s.,_'’]")


def router() -> Router:
    limits = Router(name="admin: limits")
    limits.callback_query.register(show_limits, ShowLimits.filter())
    limits.callback_query.register(choose, ChooseLimit.filter())
    limits.callback_query.register(set_limit, SetLimit.filter())
    limits.callback_query.register(ask_number, AskLimit.filter())
    limits.message.register(set_by_answer, asked_about("admin_limit"))
    return limits


async def show_limits(
    query: CallbackQuery,
    callback_data: ShowLimits,
    person: Person,
    words: Words,
    administration: Administration,
) -> None:
    card = await card_of(callback_data.person, person, administration)
    await show(query, _all(card, words), limits_keyboard(card.ref, words))


async def choose(
    query: CallbackQuery,
    callback_data: ChooseLimit,
    person: Person,
    words: Words,
    administration: Administration,
) -> None:
    card = await card_of(callback_data.person, person, administration)
    limit = LIMITS[callback_data.which]
    said = words(
        "admin-limit-choose",
        name=name_of(card.line, words),
        limit=words.plain("admin-limit-name", limit=limit),
        value=limit_value(card, limit, words),
    )
    await show(query, said, limit_keyboard(card.ref, callback_data.which, words))


async def set_limit(
    query: CallbackQuery,
    callback_data: SetLimit,
    person: Person,
    words: Words,
    administration: Administration,
) -> str:
    limit, to = LIMITS[callback_data.which], callback_data.to
    if to > MOST[limit]:
        return words.plain("stale-button")
    user_id = await administration.resolve(person.user_id, f"#{callback_data.person}")
    try:
        changed = await administration.set_limits(
            person.user_id, user_id, {limit: None if to < 0 else to}
        )
    except Conflict as error:
        return _refusal(error, words)
    card = await administration.card(person.user_id, user_id)
    await show(query, _all(card, words), limits_keyboard(card.ref, words))
    return words.plain("admin-toast-done" if changed else "admin-toast-already")


async def ask_number(
    query: CallbackQuery,
    callback_data: AskLimit,
    person: Person,
    words: Words,
    users: Users,
    administration: Administration,
) -> None:
    card = await card_of(callback_data.person, person, administration)
    limit = words.plain("admin-limit-name", limit=LIMITS[callback_data.which])
    await users.ask(person.user_id, "admin_limit", f"{callback_data.which}:{card.ref}")
    said = words("admin-limit-ask", name=name_of(card.line, words), limit=limit)
    await show(query, said, person_keyboard(card.ref, words))


async def set_by_answer(
    message: Message,
    person: Person,
    words: Words,
    users: Users,
    administration: Administration,
    source_key: str,
) -> Any:
    """What is no number keeps the question open."""
    assert person.asked
    which, _, ref = (person.asked.subject or "").partition(":")
    limit = LIMITS[int(which)]
    digits = _SPACES.sub("", message.text or "")
    if not digits.isascii() or not digits.isdigit() or int(digits[:20]) > MOST[limit]:
        said = words("admin-limit-bad", most=MOST[limit])
        return await say(message, said, person_keyboard(ref, words))
    await users.answered(person.user_id, source_key)
    try:
        user_id = await administration.resolve(person.user_id, f"#{ref}")
    except NotFound:
        return await say(message, words("gone"))
    try:
        await administration.set_limits(person.user_id, user_id, {limit: int(digits)})
    except Conflict as error:
        return await say(message, _refusal(error, words), person_keyboard(ref, words))
    card = await administration.card(person.user_id, user_id)
    return await say(message, _all(card, words), limits_keyboard(card.ref, words))


def _refusal(error: Conflict, words: Words) -> str:
    if error.name != "admin_by_settings":
        raise error
    return words.plain("admin-toast-by-settings")


def _all(card: PersonCard, words: Words) -> str:
    head = words("admin-limits", name=name_of(card.line, words))
    return f"{head}\n\n{limit_lines(card, words)}"
