"""People in the admins' panel: the list, the search, the card."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks.admin import AskPerson, ShowFound, ShowPeople, ShowPerson
from bot.handlers.asking import asked_about
from bot.handlers.saying import say, show
from bot.keyboards.admin_people import (
    PAGE_SIZE,
    card_keyboard,
    find_keyboard,
    fits,
    found_keyboard,
    people_keyboard,
)
from bot.keyboards.paging import pages_of
from bot.texts import Words
from bot.texts.limits_of_people import limit_lines
from bot.texts.people import card_words
from core import Administration, Person, PersonCard, Users

QUERY_CHARACTERS = 200


def router() -> Router:
    people = Router(name="admin: people")
    people.callback_query.register(show_people, ShowPeople.filter())
    people.callback_query.register(ask_person, AskPerson.filter())
    people.callback_query.register(show_found, ShowFound.filter())
    people.callback_query.register(show_person, ShowPerson.filter())
    people.message.register(find_by_answer, asked_about("admin_search"))
    return people


async def show_people(
    query: CallbackQuery,
    callback_data: ShowPeople,
    person: Person,
    words: Words,
    administration: Administration,
) -> None:
    order, number = callback_data.order, callback_data.page
    find = administration.find
    found = await find(person.user_id, order=order, offset=number * PAGE_SIZE, limit=PAGE_SIZE)
    if found.total and not found.items:
        number = pages_of(found.total, PAGE_SIZE) - 1
        found = await find(person.user_id, order=order, offset=number * PAGE_SIZE, limit=PAGE_SIZE)
    said = words("admin-people", order=order, count=found.total)
    await show(query, said, people_keyboard(found, order, number, words))


async def ask_person(query: CallbackQuery, person: Person, words: Words, users: Users) -> None:
    await users.ask(person.user_id, "admin_search")
    await show(query, words("admin-find"), find_keyboard(words))


async def find_by_answer(
    message: Message,
    person: Person,
    words: Words,
    users: Users,
    administration: Administration,
    source_key: str,
) -> None:
    """Who is not found keeps the question open."""
    asked = " ".join((message.text or "").split())[:QUERY_CHARACTERS]
    said, keyboard, total = await _found(asked, 0, person, words, administration)
    if total:
        await users.answered(person.user_id, source_key)
    await say(message, said, keyboard)


async def show_found(
    query: CallbackQuery,
    callback_data: ShowFound,
    person: Person,
    words: Words,
    administration: Administration,
) -> None:
    asked, number = callback_data.query, callback_data.page
    said, keyboard, _ = await _found(asked, number, person, words, administration)
    await show(query, said, keyboard)


async def show_person(
    query: CallbackQuery,
    callback_data: ShowPerson,
    person: Person,
    words: Words,
    administration: Administration,
) -> None:
    card = await card_of(callback_data.person, person, administration)
    await show(query, *person_screen(card, person, words))


async def card_of(ref: str, admin: Person, administration: Administration) -> PersonCard:
    """Raises `NotFound` for a ref of nobody."""
    user_id = await administration.resolve(admin.user_id, f"#{ref}")
    return await administration.card(admin.user_id, user_id)


def person_screen(
    card: PersonCard, admin: Person, words: Words
) -> tuple[str, InlineKeyboardMarkup]:
    said = card_words(card, admin, words)
    if card.line.level != "blocked":
        said += f"\n\n{limit_lines(card, words)}"
    own = card.line.user_id == admin.user_id
    return said, card_keyboard(card, words, own=own)


async def _found(
    asked: str, number: int, person: Person, words: Words, administration: Administration
) -> tuple[str, InlineKeyboardMarkup, int]:
    found = await administration.find(
        person.user_id, asked, offset=number * PAGE_SIZE, limit=PAGE_SIZE
    )
    if not found.total:
        return words("admin-found-none", query=asked), find_keyboard(words), 0
    if found.total > PAGE_SIZE and not fits(asked):
        said = words("admin-found-cut", query=asked, count=found.total)
    else:
        said = words("admin-found", query=asked, count=found.total)
    return said, found_keyboard(found, asked, number, words), found.total
