"""Under a page of the history."""

from __future__ import annotations

from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import Export, ShowHistory
from bot.keyboards.buttons import button, keyboard
from bot.texts import Words
from core import History


def history_keyboard(vision: UUID, history: History, words: Words) -> InlineKeyboardMarkup:
    export = button(words.plain("button-export"), Export(vision=vision))
    if not history.more:
        return keyboard([export])
    oldest = history.entries[0]
    older = ShowHistory(vision=vision, anchor=oldest.anchor, part=oldest.part)
    return keyboard([button(words.plain("button-older"), older), export])
