"""Who may not come in: a polite word, and how often it is said."""

from __future__ import annotations

import re
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.callbacks.access import BindAccount
from bot.callbacks.own_data import AskForget, ExportAll, Forget, KeepEverything
from bot.handlers.caring import care_at_once
from bot.handlers.saying import say
from bot.middlewares import Handler
from bot.start_links import key_in
from bot.texts import Words
from core import Access, Care, Person

CLOSED_PAUSE_SECONDS = 3600
START_PAUSE_SECONDS = 60
"""Whoever presses Start wants an answer, but not a hundred of them."""

_OPEN_COMMANDS = re.compile(r"/(privacy|export_all|forget_me)(@\w+)?(\s|$)")
_OPEN_BUTTONS = {
    each.__prefix__ for each in (BindAccount, ExportAll, AskForget, Forget, KeepEverything)
}


class Admission(BaseMiddleware):
    """Stands behind `SignIn`. Whoever is blocked hears one word and nothing ever after; a newcomer
    to a closed bot hears where the door is, and may use what opens it; what was said before it was
    closed stays theirs, to take along or to have erased."""

    def __init__(self, access: Access) -> None:
        self._refusing = access.refusing

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person: Person = data["person"]
        words: Words = data["words"]
        let_in = person.admitted or person.erase_at is not None or _is_open(event)
        if person.level != "blocked" and let_in:
            return await handler(event, data)
        if isinstance(event, CallbackQuery):
            blocked = person.level == "blocked"
            return None if blocked else words.plain("access-closed-toast")
        if isinstance(event, Message) and not event.edit_date:
            if person.level != "blocked":
                care: Care = data["care"]
                await care_at_once(event, [event.text or event.caption or ""], person, care)
            await self._tell(event, person, words, data["source_key"])
        return None

    async def _tell(self, message: Message, person: Person, words: Words, source_key: str) -> None:
        if person.level == "blocked":
            if await self._refusing.tell_blocked(person.user_id, source_key):
                await say(message, words("access-blocked"))
        elif await self._refusing.tell_closed(person.user_id, source_key, _pause(message)):
            await say(message, words("access-closed"))


def _is_open(event: TelegramObject) -> bool:
    if isinstance(event, CallbackQuery):
        return (event.data or "").partition(":")[0] in _OPEN_BUTTONS
    if not isinstance(event, Message) or event.edit_date:
        return False
    return key_in(event.text) is not None or bool(_OPEN_COMMANDS.match(event.text or ""))


def _pause(message: Message) -> int:
    started = (message.text or "").startswith("/start")
    return START_PAUSE_SECONDS if started else CLOSED_PAUSE_SECONDS
