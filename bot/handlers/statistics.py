"""/numbers: how the bot is doing, for admins. They see numbers, not dialogues."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks.statistics import ShowNumbers, ShowSpenders, ShowVisionTokens
from bot.handlers.saying import say, show
from bot.keyboards.paging import pages_of
from bot.keyboards.statistics import (
    PAGE_SIZE,
    numbers_keyboard,
    spenders_keyboard,
    vision_tokens_keyboard,
)
from bot.texts import Words
from bot.texts.statistics import numbers_screen, vision_tokens_screen
from core import Person, Statistics

FIRST_DAYS = 7


def router() -> Router:
    statistics = Router(name="statistics")
    statistics.message.register(numbers_by_command, Command("numbers"))
    statistics.callback_query.register(numbers_by_button, ShowNumbers.filter())
    statistics.callback_query.register(spenders_by_button, ShowSpenders.filter())
    statistics.callback_query.register(vision_tokens_by_button, ShowVisionTokens.filter())
    return statistics


async def numbers_by_command(
    message: Message, person: Person, words: Words, statistics: Statistics
) -> None:
    await say(message, *await the_numbers(FIRST_DAYS, person, words, statistics))


async def numbers_by_button(
    query: CallbackQuery,
    callback_data: ShowNumbers,
    person: Person,
    words: Words,
    statistics: Statistics,
) -> None:
    await show(query, *await the_numbers(callback_data.days, person, words, statistics))


async def spenders_by_button(
    query: CallbackQuery,
    callback_data: ShowSpenders,
    person: Person,
    words: Words,
    statistics: Statistics,
) -> None:
    days, page = callback_data.days, callback_data.page
    spenders = await statistics.top_spenders(person.user_id, days, page * PAGE_SIZE, PAGE_SIZE)
    if spenders.total and not spenders.items:
        page = pages_of(spenders.total, PAGE_SIZE) - 1
        spenders = await statistics.top_spenders(person.user_id, days, page * PAGE_SIZE, PAGE_SIZE)
    told = (
        words("statistics-spenders", days=days)
        if spenders.items
        else words("statistics-spenders-none")
    )
    await show(query, told, spenders_keyboard(spenders, page, days, words))


async def vision_tokens_by_button(
    query: CallbackQuery,
    callback_data: ShowVisionTokens,
    person: Person,
    words: Words,
    statistics: Statistics,
) -> None:
    ref, days = callback_data.person, callback_data.days
    tokens = await statistics.tokens_by_vision(person.user_id, f"#{ref}", days)
    keyboard = vision_tokens_keyboard(ref, days, words)
    await show(query, vision_tokens_screen(tokens, days, words), keyboard)


async def the_numbers(
    days: int, person: Person, words: Words, statistics: Statistics
) -> tuple[str, InlineKeyboardMarkup]:
    numbers = await statistics.numbers(person.user_id, days)
    return numbers_screen(numbers, days, words), numbers_keyboard(days, words)
