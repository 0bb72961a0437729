"""Voices of answers while they are made, before their turn in the chat comes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiogram import Bot

from bot.delivery.acting import acting
from bot.delivery.chat_locks import ChatLocks
from core import Background, Delivery

log = logging.getLogger(__name__)

Voiced = Callable[[Delivery], Awaitable[Delivery | None]]


class Voicing:
    """`voiced` gives a delivery its sound; without it there are no voices."""

    def __init__(self, bot: Bot, background: Background, voiced: Voiced | None) -> None:
        self._bot = bot
        self._background = background
        self._voiced = voiced
        self._made = ChatLocks()

    async def make(self, delivery: Delivery) -> Delivery | None:
        """The delivery with its sound, None if it stays without. Does not raise; the person sees
        that a voice is recorded."""
        if not (self._voiced and delivery.chat_id):
            return None
        chat, thread = delivery.chat_id, delivery.thread_id
        async with self._made.enter(delivery.id):
            try:
                async with acting(self._bot, self._background, chat, thread, "record_voice"):
                    voiced = await self._voiced(delivery)
            except Exception:
                log.exception("delivery %d got no voice", delivery.id)
                return None
        return voiced if voiced and voiced.attachment else None

    async def idle(self, seconds: float) -> None:
        """Until no voice is being made, at most `seconds`."""
        await self._made.idle(seconds)
