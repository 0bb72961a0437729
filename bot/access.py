"""Who may not come in: a polite word, and how often it is said."""

from __future__ import annotations

from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.callbacks.access import BindAccount
from bot.handlers.saying import say
from bot.middlewares import Handler
from bot.start_links import key_in
from bot.texts import Words
from core import Access, Person

CLOSED_PAUSE_SECONDS = 3600
START_PAUSE_SECONDS = 60
"""Whoever presses Start wants an answer, but not a hundred of them."""

_BIND = BindAccount.__prefix__ + BindAccount.__separator__


class Admission(BaseMiddleware):
    """Stands behind `SignIn`. Whoever is blocked hears one word and nothing ever after; a newcomer
    to a closed bot hears where the door is, and may use what opens it."""

    def __init__(self, access: Access) -> None:
        self._refusing = access.refusing

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person: Person = data["person"]
        words: Words = data["words"]
        if person.level != "blocked" and (person.admitted or _opens(event)):
            return await handler(event, data)
        if isinstance(event, CallbackQuery):
            blocked = person.level == "blocked"
            return None if blocked else words.plain("access-closed-toast")
        if isinstance(event, Message) and not event.edit_date:
            await self._tell(event, person, words, data["source_key"])
        return None

    async def _tell(self, message: Message, person: Person, words: Words, source_key: str) -> None:
        if person.level == "blocked":
            if await self._refusing.tell_blocked(person.user_id, source_key):
                await say(message, words("access-blocked"))
        elif await self._refusing.tell_closed(person.user_id, source_key, _pause(message)):
            await say(message, words("access-closed"))


def _opens(event: TelegramObject) -> bool:
    if isinstance(event, CallbackQuery):
        return (event.data or "").startswith(_BIND)
    return isinstance(event, Message) and key_in(event.text) is not None


def _pause(message: Message) -> int:
    started = (message.text or "").startswith("/start")
    return START_PAUSE_SECONDS if started else CLOSED_PAUSE_SECONDS
