"""Pages of whatever is listed: the row that turns them."""

from __future__ import annotations

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData

from bot.keyboards.buttons import Row, button
from bot.texts import Words


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
