"""Who has asked to be forgotten is told when, and nothing of what they say is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, TelegramObject

from bot.callbacks.own_data import ExportAll, KeepEverything
from bot.handlers.caring import care_at_once
from bot.handlers.forgetting import moment
from bot.handlers.saying import say
from bot.keyboards.own_data import leaving_keyboard
from bot.middlewares import Handler
from bot.texts import Words
from core import Care, Person

_OPEN_COMMANDS = re.compile(r"/(privacy|export_all)(@\w+)?(\s|$)")
_OPEN_BUTTONS = (ExportAll.__prefix__, KeepEverything.__prefix__)


class Leaving(BaseMiddleware):
    """Stands behind `Admission`. What takes along, explains or takes back goes through."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person: Person = data["person"]
        words: Words = data["words"]
        if person.erase_at is None or _is_open(event):
            return await handler(event, data)
        if isinstance(event, Message):
            # Whoever takes leave of everything may be in danger, and no turn will answer them.
            care: Care = data["care"]
            await care_at_once(event, [event.text or event.caption or ""], person, care)
        if person.erase_at <= datetime.now(UTC):
            return await _tell(event, words.plain("own-too-late"))
        when = moment(person.erase_at, person, words)
        if isinstance(event, CallbackQuery):
            return words.plain("own-leaving-toast", when=when)
        return await _tell(event, words("own-leaving", when=when), leaving_keyboard(words))


async def _tell(
    event: TelegramObject, said: str, keyboard: InlineKeyboardMarkup | None = None
) -> str | None:
    if isinstance(event, Message) and not event.edit_date:
        await say(event, said, keyboard)
    return said if isinstance(event, CallbackQuery) else None


def _is_open(event: TelegramObject) -> bool:
    if isinstance(event, CallbackQuery):
        return (event.data or "").partition(":")[0] in _OPEN_BUTTONS
    return isinstance(event, Message) and _OPEN_COMMANDS.match(event.text or "") is not None
