"""People in a list, the card of one, and what can be done about them."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks.admin import (
    AskLetter,
    AskPerson,
    Order,
    SendLetter,
    SetLevel,
    ShowFound,
    ShowLimits,
    ShowPeople,
    ShowPerson,
)
from bot.callbacks.statistics import ShowVisionTokens
from bot.keyboards.admin import panel_button
from bot.keyboards.buttons import Row, button, keyboard, short
from bot.keyboards.paging import pages_of, pages_row
from bot.texts import Words
from bot.texts.people import MARKS, name_of
from core import FoundPeople, PersonCard, PersonLine, person_ref

PAGE_SIZE = 8
QUERY_BYTES = 50


def people_keyboard(
    found: FoundPeople, order: Order, number: int, words: Words
) -> InlineKeyboardMarkup:
    other: Order = "new" if order == "seen" else "seen"

    def page(number: int) -> CallbackData:
        return ShowPeople(order=order, page=number)

    return keyboard(
        *_people(found, words),
        pages_row(number, pages_of(found.total, PAGE_SIZE), page, words),
        [
            button(words.plain("button-admin-find"), AskPerson(), "primary"),
            button(words.plain("button-admin-order", order=other), ShowPeople(order=other, page=0)),
        ],
        [panel_button(words)],
    )


def found_keyboard(
    found: FoundPeople, query: str, number: int, words: Words
) -> InlineKeyboardMarkup:
    def page(number: int) -> CallbackData:
        return ShowFound(page=number, query=query)

    pages = pages_of(found.total, PAGE_SIZE) if fits(query) else 1
    return keyboard(
        *_people(found, words),
        pages_row(number, pages, page, words),
        [
            button(words.plain("button-admin-find"), AskPerson()),
            people_button(words),
        ],
    )


def fits(query: str) -> bool:
    """Whether a button can say it, so that what is found may have pages."""
    return len(query.encode()) <= QUERY_BYTES and "|" not in query


def find_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard([people_button(words)])


def card_keyboard(card: PersonCard, words: Words, *, own: bool) -> InlineKeyboardMarkup:
    """`own`: the admin looks at themselves."""
    ref, line = card.ref, card.line
    fixed = own or line.by_settings

    def level(label: str, to: str, *, sure: bool, style: str | None = None) -> InlineKeyboardButton:
        data = SetLevel.model_validate({"person": ref, "to": to, "sure": sure})
        return button(label, data, style)

    access: Row = []
    admin: Row = []
    if not fixed and line.given == "blocked":
        label = words.plain("button-admin-unblock")
        access = [level(label, "unblocked", sure=True, style="primary")]
    elif not fixed:
        if line.level == "guest":
            label = words.plain("button-admin-allow")
            access = [level(label, "member", sure=True, style="primary")]
        elif line.given == "member":
            access = [level(words.plain("button-admin-by-mode"), "mode", sure=True)]
        if line.level == "admin":
            admin = [level(words.plain("button-admin-dismiss"), "dismissed", sure=False)]
        else:
            admin = [level(words.plain("button-admin-appoint"), "admin", sure=False)]
        access.append(level(words.plain("button-admin-block"), "blocked", sure=False))
    limits = button(words.plain("button-admin-limits"), ShowLimits(person=ref))
    write = button(words.plain("button-admin-write"), AskLetter(person=ref))
    blocked = line.level == "blocked"
    tokens = button(words.plain("statistics-visions-button"), ShowVisionTokens(person=ref, days=31))
    return keyboard(
        access,
        [limits] if blocked else [limits, write],
        [tokens],
        admin,
        [people_button(words)],
    )


def sure_keyboard(ref: str, to: str, words: Words) -> InlineKeyboardMarkup:
    labels = {
        "blocked": words.plain("button-admin-yes-block"),
        "admin": words.plain("button-admin-yes-appoint"),
        "dismissed": words.plain("button-admin-yes-dismiss"),
    }
    yes = SetLevel.model_validate({"person": ref, "to": to, "sure": True})
    no = button(words.plain("button-admin-no"), ShowPerson(person=ref))
    return keyboard([button(labels[to], yes, "danger" if to == "blocked" else "primary"), no])


def letter_keyboard(ref: str, words: Words) -> InlineKeyboardMarkup:
    send = button(words.plain("button-admin-send"), SendLetter(person=ref), "primary")
    return keyboard([send, button(words.plain("button-cancel"), ShowPerson(person=ref))])


def person_keyboard(ref: str, words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("button-admin-to-person"), ShowPerson(person=ref))])


def people_button(words: Words) -> InlineKeyboardButton:
    return button(words.plain("button-admin-to-people"), ShowPeople(order="seen", page=0))


def _people(found: FoundPeople, words: Words) -> list[Row]:
    return [[_person(line, words)] for line in found.items]


def _person(line: PersonLine, words: Words) -> InlineKeyboardButton:
    name = short(name_of(line, words))
    label = words.plain("button-admin-person", mark=MARKS[line.level], name=name)
    return button(label, ShowPerson(person=person_ref(line.user_id)))
