"""/doctor: is everything there, does it work, and which problems are open. For admins."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks.problems import RunDoctor
from bot.doctor.checkups import Checkups
from bot.handlers.saying import say
from bot.texts import Words
from core import Person


def router() -> Router:
    doctor = Router(name="doctor")
    doctor.message.register(check_by_command, Command("doctor"))
    doctor.callback_query.register(check_by_button, RunDoctor.filter())
    return doctor


async def check_by_command(
    message: Message, person: Person, words: Words, checkups: Checkups
) -> None:
    if not await checkups.begin(message, person, words):
        await say(message, words("doctor-running"))


async def check_by_button(
    query: CallbackQuery, person: Person, words: Words, checkups: Checkups
) -> str | None:
    if not isinstance(query.message, Message):
        return words.plain("stale-button")
    if await checkups.begin(query.message, person, words):
        return None
    return words.plain("doctor-running")
