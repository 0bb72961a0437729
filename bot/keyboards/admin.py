"""The admins' panel, and pages of whatever it lists."""

from __future__ import annotations

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks.admin import ShowInvites, ShowLog, ShowPanel, ShowPeople
from bot.callbacks.broadcast import ShowBroadcasts
from bot.callbacks.feedback import ShowFeedback
from bot.callbacks.problems import RunDoctor
from bot.callbacks.statistics import ShowNumbers
from bot.keyboards.buttons import Row, button, keyboard
from bot.texts import Words


def panel_keyboard(words: Words) -> InlineKeyboardMarkup:
    people = button(words.plain("button-admin-people"), ShowPeople(order="seen", page=0))
    invites = button(words.plain("button-admin-invites"), ShowInvites(page=0))
    numbers = button(words.plain("button-admin-numbers"), ShowNumbers(days=7))
    broadcast = button(words.plain("button-admin-broadcast"), ShowBroadcasts())
    doctor = button(words.plain("button-admin-doctor"), RunDoctor())
    feedback = button(words.plain("button-feedback"), ShowFeedback(page=0))
    log = button(words.plain("button-admin-log"), ShowLog(page=0))
    return keyboard([people, invites], [numbers, broadcast], [feedback, doctor], [log])


def log_keyboard(number: int, pages: int, words: Words) -> InlineKeyboardMarkup:
    return keyboard(
        pages_row(number, pages, lambda page: ShowLog(page=page), words), [panel_button(words)]
    )


def panel_button(words: Words) -> InlineKeyboardButton:
    return button(words.plain("button-admin-back"), ShowPanel())


def pages_row(number: int, pages: int, show: Callable[[int], CallbackData], words: Words) -> Row:
    """Nothing where one page holds everything."""
    if pages <= 1:
        return []
    return [
        button(words.plain("button-page-back"), show((number - 1) % pages)),
        button(words.plain("button-page", page=number + 1, pages=pages), show(number)),
        button(words.plain("button-page-next"), show((number + 1) % pages)),
    ]


def pages_of(total: int, size: int) -> int:
    """At least one, and no more than a button's data can name."""
    return min(max(1, -(-total // size)), 10_001)
