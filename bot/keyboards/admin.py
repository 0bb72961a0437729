"""The admins' panel."""

from __future__ import annotations

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks.admin import ShowInvites, ShowLog, ShowPanel, ShowPeople
from bot.callbacks.broadcast import ShowBroadcasts
from bot.callbacks.feedback import ShowFeedback
from bot.callbacks.problems import RunDoctor
from bot.callbacks.statistics import ShowNumbers
from bot.keyboards.buttons import button, keyboard
from bot.keyboards.paging import pages_row
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
