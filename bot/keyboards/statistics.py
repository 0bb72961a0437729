"""Under the numbers: periods, the chart, the tables, and who spends."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks.admin import ShowPanel, ShowPerson
from bot.callbacks.statistics import (
    SendChart,
    SendTables,
    ShowNumbers,
    ShowSpenders,
    ShowVisionTokens,
)
from bot.keyboards.buttons import Row, button, keyboard, short
from bot.keyboards.paging import pages_of, pages_row
from bot.texts import Words
from bot.texts.numbers import dollars, number
from core import Spender, Spenders

PAGE_SIZE = 8
_NAME_CHARACTERS = 20


def numbers_keyboard(days: int, words: Words) -> InlineKeyboardMarkup:
    return keyboard(
        _periods(days, words),
        [
            button(words.plain("statistics-chart-button"), SendChart(days=days)),
            button(words.plain("statistics-tables-button"), SendTables(days=days)),
        ],
        [button(words.plain("statistics-spenders-button"), ShowSpenders(days=days, page=0))],
        [button(words.plain("button-admin-back"), ShowPanel())],
    )


def spenders_keyboard(
    spenders: Spenders, page: int, days: int, words: Words
) -> InlineKeyboardMarkup:
    rows = [[button(_spender(item, words), ShowPerson(person=item.ref))] for item in spenders.items]
    pages = pages_of(spenders.total, PAGE_SIZE)
    return keyboard(
        *rows,
        pages_row(page, pages, lambda number: ShowSpenders(days=days, page=number), words),
        [button(words.plain("statistics-numbers-button"), ShowNumbers(days=days))],
    )


def vision_tokens_keyboard(ref: str, days: int, words: Words) -> InlineKeyboardMarkup:
    named = _named_periods(words)
    return keyboard(
        [
            button(
                words.plain("button-chosen", label=label) if period == days else label,
                ShowVisionTokens(person=ref, days=period),
            )
            for period, label in named
        ],
        [button(words.plain("button-admin-to-person"), ShowPerson(person=ref))],
    )


def _periods(days: int, words: Words) -> Row:
    return [
        button(
            words.plain("button-chosen", label=label) if period == days else label,
            ShowNumbers(days=period),
        )
        for period, label in _named_periods(words)
    ]


def _named_periods(words: Words) -> list[tuple[int, str]]:
    return [
        (1, words.plain("statistics-day")),
        (7, words.plain("statistics-week")),
        (30, words.plain("statistics-month")),
    ]


def _spender(item: Spender, words: Words) -> str:
    name = " ".join(item.name.split()) or words.plain("statistics-no-name")
    if len(name) > _NAME_CHARACTERS:
        name = name[: _NAME_CHARACTERS - 1].rstrip() + "…"
    tokens = number(item.tokens, words)
    if item.usd is None:
        return short(words.plain("statistics-spender-free", name=name, tokens=tokens))
    usd = dollars(item.usd, words)
    return short(words.plain("statistics-spender", name=name, tokens=tokens, usd=usd))
