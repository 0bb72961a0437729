"""The numbers as a picture and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from aiogram import Bot, Router
from aiogram.types import BufferedInputFile, CallbackQuery
from aiogram.utils.chat_action import ChatActionSender

from bot.callbacks.statistics import SendChart, SendTables
from bot.handlers.saying import thread_of
from bot.texts import Words
from bot.texts.dates import date_day
from bot.texts.numbers import dollars, number
from core import (
    ChartPanel,
    DayNumbers,
    DaysChart,
    Numbers,
    Person,
    Statistics,
    calls_table,
    days_table,
)

FEWEST_DAYS = 7
"""A chart of one day says nothing."""


def router() -> Router:
    files = Router(name="statistics files")
    files.callback_query.register(send_chart, SendChart.filter())
    files.callback_query.register(send_tables, SendTables.filter())
    return files


async def send_chart(
    query: CallbackQuery,
    callback_data: SendChart,
    bot: Bot,
    person: Person,
    words: Words,
    statistics: Statistics,
) -> str | None:
    if query.message is None:
        return None
    days = max(callback_data.days, FEWEST_DAYS)
    chat, thread = query.message.chat.id, thread_of(query.message)
    async with ChatActionSender.upload_photo(bot=bot, chat_id=chat, message_thread_id=thread):
        numbers = await statistics.numbers(person.user_id, days)
        each = await statistics.days(person.user_id, days)
        picture = await statistics.draw(chart_of(numbers, each, words))
        if picture is None:
            return words.plain("statistics-chart-failed")
        await bot.send_photo(
            chat,
            BufferedInputFile(picture, f"{numbers.last}.png"),
            caption=words.plain("statistics-chart-caption", days=days),
            message_thread_id=thread,
        )
    return None


async def send_tables(
    query: CallbackQuery,
    callback_data: SendTables,
    bot: Bot,
    person: Person,
    words: Words,
    statistics: Statistics,
) -> None:
    if query.message is None:
        return
    days = callback_data.days
    chat, thread = query.message.chat.id, thread_of(query.message)
    comma = words.language == "ru"
    async with ChatActionSender.upload_document(bot=bot, chat_id=chat, message_thread_id=thread):
        each = await statistics.days(person.user_id, days)
        calls = [call async for call in statistics.calls(person.user_id, days)]
        first, last = each[0].day, each[-1].day
        span = f"{first}_{last}.csv" if first != last else f"{last}.csv"
        await bot.send_document(
            chat,
            BufferedInputFile(
                days_table(each, _day_columns(words), comma=comma),
                f"{words.plain('statistics-days-file')}_{span}",
            ),
            caption=words.plain("statistics-days-caption"),
            message_thread_id=thread,
        )
        await bot.send_document(
            chat,
            BufferedInputFile(
                calls_table(calls, _call_columns(words), comma=comma),
                f"{words.plain('statistics-calls-file')}_{span}",
            ),
            caption=words.plain("statistics-calls-caption"),
            message_thread_id=thread,
        )


def chart_of(numbers: Numbers, days: Sequence[DayNumbers], words: Words) -> DaysChart:
    def total(value: int) -> str:
        return words.plain("statistics-chart-total", total=number(value, words))

    now = numbers.now
    panels = [
        ChartPanel(
            words.plain("statistics-chart-active"),
            words.plain("statistics-chart-distinct", count=now.active),
            [day.totals.active for day in days],
        ),
        ChartPanel(
            words.plain("statistics-chart-messages"),
            total(now.messages),
            [day.totals.messages for day in days],
        ),
        ChartPanel(
            words.plain("statistics-chart-tokens"),
            total(now.tokens),
            [day.totals.tokens for day in days],
        ),
    ]
    if now.usd is not None:
        spent = words.plain("statistics-chart-total", total=dollars(now.usd, words))
        usd = [float(day.totals.usd or Decimal(0)) for day in days]
        name = words.plain("statistics-chart-money")
        panels.append(ChartPanel(name, spent, usd, money=True))
    return DaysChart(
        title=words.plain("statistics-chart-title"),
        subtitle=words.plain(
            "statistics-chart-span",
            first=date_day(numbers.first, words),
            last=date_day(numbers.last, words),
        ),
        days=[date_day(day.day, words) for day in days],
        panels=panels,
        thousands=words.plain("statistics-thousands"),
        millions=words.plain("statistics-millions"),
        billions=words.plain("statistics-billions"),
        language=words.language,
    )


def _day_columns(words: Words) -> list[str]:
    return [
        words.plain("statistics-column-day"),
        words.plain("statistics-column-active"),
        words.plain("statistics-column-newcomers"),
        words.plain("statistics-column-messages"),
        words.plain("statistics-column-answers"),
        words.plain("statistics-column-p50"),
        words.plain("statistics-column-p95"),
        words.plain("statistics-column-failed-turns"),
        words.plain("statistics-column-failed-deliveries"),
        words.plain("statistics-column-heard"),
        words.plain("statistics-column-spoken"),
        words.plain("statistics-column-liked"),
        words.plain("statistics-column-disliked"),
        words.plain("statistics-column-tokens"),
        words.plain("statistics-column-usd"),
        words.plain("statistics-column-unpriced"),
    ]


def _call_columns(words: Words) -> list[str]:
    return [
        words.plain("statistics-column-day"),
        words.plain("statistics-column-model"),
        words.plain("statistics-column-purpose"),
        words.plain("statistics-column-calls"),
        words.plain("statistics-column-prompt"),
        words.plain("statistics-column-completion"),
        words.plain("statistics-column-tokens"),
        words.plain("statistics-column-usd"),
        words.plain("statistics-column-unpriced"),
    ]
