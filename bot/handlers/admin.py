"""`/admin`: one panel in one message, changed in place."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks.admin import ShowLog, ShowPanel
from bot.handlers import admin_invites, admin_letters, admin_levels, admin_limits, admin_people
from bot.handlers.saying import say, show
from bot.keyboards.admin import log_keyboard, panel_keyboard
from bot.keyboards.paging import pages_of
from bot.texts import Words
from bot.texts.acts import act_line
from core import Administration, Person

LOG_PAGE = 10


def router() -> Router:
    admin = Router(name="admin")
    admin.message.register(panel_by_command, Command("admin"))
    admin.callback_query.register(panel_by_button, ShowPanel.filter())
    admin.callback_query.register(show_log, ShowLog.filter())
    admin.include_routers(
        admin_people.router(),
        admin_levels.router(),
        admin_limits.router(),
        admin_letters.router(),
        admin_invites.router(),
    )
    return admin


async def panel_by_command(
    message: Message, person: Person, words: Words, administration: Administration
) -> None:
    await say(message, *await _panel(person, words, administration))


async def panel_by_button(
    query: CallbackQuery, person: Person, words: Words, administration: Administration
) -> None:
    await show(query, *await _panel(person, words, administration))


async def show_log(
    query: CallbackQuery,
    callback_data: ShowLog,
    person: Person,
    words: Words,
    administration: Administration,
) -> None:
    number = callback_data.page
    page = await administration.log(person.user_id, number * LOG_PAGE, LOG_PAGE)
    if page.total and not page.items:
        number = pages_of(page.total, LOG_PAGE) - 1
        page = await administration.log(person.user_id, number * LOG_PAGE, LOG_PAGE)
    lines = [act_line(act, person, words) for act in page.items]
    said = "\n\n".join([words("admin-log", count=page.total), *lines])
    await show(query, said, log_keyboard(number, pages_of(page.total, LOG_PAGE), words))


async def _panel(
    person: Person, words: Words, administration: Administration
) -> tuple[str, InlineKeyboardMarkup]:
    found = await administration.find(person.user_id, limit=1)
    return words("admin-panel", people=found.total), panel_keyboard(words)
