"""What is kept, where, who sees it, and how to have it back or have it forgotten."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.handlers.saying import say
from bot.keyboards.own_data import leaving_keyboard, privacy_keyboard
from bot.texts import Words
from core import Person


def router() -> Router:
    privacy = Router(name="privacy")
    privacy.message.register(explain, Command("privacy"))
    return privacy


async def explain(message: Message, person: Person, words: Words) -> None:
    keyboard = leaving_keyboard(words) if person.erase_at else privacy_keyboard(words)
    await say(message, words("own-privacy"), keyboard)
