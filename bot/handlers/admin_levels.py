"""Letting in, shutting out, appointing: what an admin makes of a person. Some acts ask once."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.callbacks.admin import SetLevel
from bot.handlers.admin_people import card_of, person_screen
from bot.handlers.saying import show
from bot.keyboards.admin_people import sure_keyboard
from bot.texts import Words
from bot.texts.people import name_of
from core import Administration, Conflict, Level, Person, PersonCard

_GIVEN: dict[str, Level | None] = {
    "member": "member",
    "mode": None,
    "blocked": "blocked",
    "admin": "admin",
    "dismissed": "member",
}


def router() -> Router:
    levels = Router(name="admin: levels")
    levels.callback_query.register(set_level, SetLevel.filter())
    return levels


async def set_level(
    query: CallbackQuery,
    callback_data: SetLevel,
    person: Person,
    words: Words,
    administration: Administration,
) -> str | None:
    card = await card_of(callback_data.person, person, administration)
    to = callback_data.to
    if not callback_data.sure and to in ("blocked", "admin", "dismissed"):
        said = _question(to, name_of(card.line, words), words)
        await show(query, said, sure_keyboard(card.ref, to, words))
        return None
    try:
        changed = await _change(to, card, person, administration)
    except Conflict as error:
        toast = _refusal(error, words)
    else:
        toast = words.plain("admin-toast-done" if changed else "admin-toast-already")
    card = await administration.card(person.user_id, card.line.user_id)
    await show(query, *person_screen(card, person, words))
    return toast


async def _change(to: str, card: PersonCard, admin: Person, administration: Administration) -> bool:
    """An old button undoes nothing but what it names: who was shut out since, stays so."""
    user_id, given = card.line.user_id, card.line.given
    if to == "unblocked":
        return await administration.unblock(admin.user_id, user_id)
    shut = given == "blocked" and to != "blocked"
    if shut or (to == "dismissed" and given != "admin") or (to == "mode" and given == "admin"):
        return False
    return await administration.set_level(admin.user_id, user_id, _GIVEN[to])


def _question(to: str, name: str, words: Words) -> str:
    match to:
        case "blocked":
            return words("admin-sure-block", name=name)
        case "admin":
            return words("admin-sure-appoint", name=name)
        case _:
            return words("admin-sure-dismiss", name=name)


def _refusal(error: Conflict, words: Words) -> str:
    match error.name:
        case "admin_by_settings":
            return words.plain("admin-toast-by-settings")
        case "yourself":
            return words.plain("admin-toast-yourself")
        case _:
            raise error
