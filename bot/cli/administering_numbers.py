"""The numbers of `python -m bot admin`."""

from __future__ import annotations

import argparse

from bot.cli.administering import Act, Console, Said
from core import calls_table, days_table, numbers_lines, spenders_lines, vision_lines


async def numbers(console: Console, asked: argparse.Namespace) -> Said:
    read = await console.core.statistics.numbers(console.operator, asked.days)
    return Said(numbers_lines(read), read)


async def tables(console: Console, asked: argparse.Namespace) -> Said:
    statistics = console.core.statistics
    days = await statistics.days(console.operator, asked.days)
    if not asked.calls:
        return Said(raw=None, value=days) if asked.json else Said(raw=days_table(days))
    calls = [call async for call in statistics.calls(console.operator, asked.days)]
    return Said(raw=None, value=calls) if asked.json else Said(raw=calls_table(calls))


async def spenders(console: Console, asked: argparse.Namespace) -> Said:
    read = await console.core.statistics.top_spenders(
        console.operator, asked.days, asked.offset, asked.limit
    )
    return Said(spenders_lines(read), read)


async def tokens(console: Console, asked: argparse.Namespace) -> Said:
    read = await console.core.statistics.tokens_by_vision(console.operator, asked.who, asked.days)
    return Said(vision_lines(read), read)


NUMBERS: dict[str, Act] = {
    "numbers": numbers,
    "csv": tables,
    "spenders": spenders,
    "tokens": tokens,
}
