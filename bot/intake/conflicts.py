"""Somebody else receives this bot's updates: said once and clearly, and not fought over."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramConflictError

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 60.0
CALM_SECONDS = 150.0
"""Telegram lets the newcomer through and refuses the other, so one answered poll means nothing: two
pollers would take each other's place every few seconds."""

Told = Callable[[str], None]


class Conflicts:
    def __init__(self, bot: Bot, told: Told) -> None:
        """`told` lets the operator know, at each conflict; it gets who else it is."""
        self._bot = bot
        self._told = told
        self._pause = FIRST_PAUSE_SECONDS
        self._last: float | None = None
        self._other = ""

    async def meet(self, error: TelegramConflictError) -> float:
        """Telegram refused to give updates. How many seconds to leave them to the other."""
        if self._last is None:
            self._other = await self._who(error)
        # Each time: it is over when it has not been told for a while.
        self._told(self._other)
        self._last = asyncio.get_running_loop().time()
        pause = self._pause * random.uniform(0.8, 1.0)  # noqa: S311 - two of us shall not keep step
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        return pause

    def undisturbed(self) -> None:
        """Telegram gave updates."""
        if self._last is None:
            return
        if asyncio.get_running_loop().time() - self._last >= CALM_SECONDS:
            log.info("nobody else asks for this bot's updates any more")
            self._last = None
            self._pause = FIRST_PAUSE_SECONDS

    async def _who(self, error: TelegramConflictError) -> str:
        host = await self._webhook_host() if "webhook" in error.message.lower() else None
        if host:
            log.error(
                "this bot's updates go to a webhook at %s, so there is nothing to poll. To poll"
                " here, end that process and run: python -m bot webhook --delete",
                host,
            )
            return f"webhook: {host}"
        log.error(
            "another program polls for this bot with the same token and another database."
            " Each of the two gets only some of the updates: stop one of them. This one asks"
            " less and less often meanwhile"
        )
        return "getUpdates"

    async def _webhook_host(self) -> str | None:
        """Not the whole address: its path may be somebody's secret."""
        try:
            url = (await self._bot.get_webhook_info()).url
        except TelegramAPIError:
            return None
        return urlsplit(url).hostname
