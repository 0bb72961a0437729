"""Filters by the kind of chat.

They are coroutines: aiogram takes any other filter, `F` among them, to a thread of the pool that
files are read in, for every update.
"""

from __future__ import annotations

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

Event = Message | CallbackQuery | ChatMemberUpdated


async def in_private(event: Event) -> bool:
    return _kind(event) == "private"


async def outside(event: Event) -> bool:
    """Not in a private chat; also for a button of a message that Telegram does not name."""
    return _kind(event) != "private"


async def in_group(event: Event) -> bool:
    return _kind(event) in ("group", "supergroup")


def _kind(event: Event) -> str:
    if isinstance(event, CallbackQuery):
        return event.message.chat.type if event.message else ""
    return event.chat.type
