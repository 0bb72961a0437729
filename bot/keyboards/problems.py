"""Under words of problems, and under the checkup."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks.problems import RunDoctor
from bot.keyboards.buttons import button, keyboard
from bot.texts import Words


def word_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("button-doctor"), RunDoctor())])


def doctor_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("button-doctor-again"), RunDoctor())])
