"""The first screen."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import ShowList
from bot.keyboards.buttons import button, create_button, keyboard
from bot.texts import Words


def start_keyboard(words: Words, *, has_visions: bool) -> InlineKeyboardMarkup:
    visions = button(words.plain("button-visions"), ShowList(page=0))
    return keyboard([create_button(words, keep=True)], [visions] if has_visions else [])
