"""Where to put words that have no vision yet, or whose vision is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import SendHeld, ShowList
from bot.keyboards.buttons import button, create_button, keyboard, short
from bot.texts import Words
from core import Item

OFFERED = 5


def nowhere_keyboard(active: Sequence[Item], words: Words) -> InlineKeyboardMarkup:
    into = [
        [
            button(
                words.plain("button-into", title=short(item.title)),
                SendHeld(vision=UUID(item.id), source="nowhere", wake=False),
            )
        ]
        for item in active[:OFFERED]
    ]
    return keyboard([create_button(words)], *into)


def wake_and_send_keyboard(vision: UUID, words: Words) -> InlineKeyboardMarkup:
    data = SendHeld(vision=vision, source="vision", wake=True)
    return keyboard(
        [button(words.plain("button-wake-and-send"), data, "primary")],
        [button(words.plain("button-visions"), ShowList(page=0))],
    )
