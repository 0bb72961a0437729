"""What all keyboards are made of."""

from __future__ import annotations

import secrets

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import NewVision
from bot.texts import Words

LABEL_CHARACTERS = 40

Row = list[InlineKeyboardButton]


def button(label: str, data: CallbackData, style: str | None = None) -> InlineKeyboardButton:
    """`style` is `primary`, `success` or `danger`."""
    return InlineKeyboardButton(text=label, callback_data=data.pack(), style=style)


def keyboard(*rows: Row) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row])


def create_button(
    words: Words, *, keep: bool = False, label: str | None = None, style: str | None = "primary"
) -> InlineKeyboardButton:
    """`keep`: what stands above the button stays when it is pressed."""
    data = NewVision(nonce=secrets.token_hex(4), keep=keep)
    return button(label or words.plain("button-create"), data, style)


def short(title: str) -> str:
    """A title that fits a button."""
    if len(title) <= LABEL_CHARACTERS:
        return title
    return title[: LABEL_CHARACTERS - 1].rstrip() + "…"
