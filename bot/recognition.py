"""Whether Telegram still takes the token: a process that only sends would not notice by itself."""

from __future__ import annotations

import asyncio
import logging

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.telegram import TOKEN_REFUSED
from core import Misconfigured

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 60.0


class Recognition(BaseRequestMiddleware):
    """Looks on at the calls of `bot`. `known` once its token was taken; `trouble` is empty while
    the token is not refused."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._doubt = asyncio.Event()
        self.known = False
        self.trouble = ""
        bot.session.middleware(self)

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        try:
            return await make_request(bot, method)
        except TelegramUnauthorizedError:
            self._doubt.set()
            raise

    async def run(self) -> None:
        """Until cancelled. Raises `Misconfigured` when the token is refused at the start; later
        on, what waits to be sent waits for a good one."""
        if not await self._is_good():
            raise Misconfigured(TOKEN_REFUSED)
        while True:
            self._doubt.clear()
            await self._doubt.wait()
            if await self._is_good():
                continue
            log.error("%s", TOKEN_REFUSED)
            self.trouble = "BOT_TOKEN is refused by Telegram"
            while self.trouble:
                await asyncio.sleep(ASK_AGAIN_SECONDS)
                if await self._is_good():
                    log.info("BOT_TOKEN is taken by Telegram again")
                    self.trouble = ""

    async def _is_good(self) -> bool:
        """Asked until there is an answer: Telegram's being away says nothing of the token."""
        pause = 1.0
        while True:
            try:
                await self._bot.get_me()
                self.known = True
                return True
            except TelegramUnauthorizedError:
                return False
            except TelegramAPIError as error:
                if isinstance(error, TelegramNotFound) and not self.known:
                    raise Misconfigured(
                        "BOT_TOKEN or TELEGRAM_API_URL is wrong: no such bot"
                    ) from error
                log.warning("Telegram does not answer, trying again in %.0f s: %s", pause, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, ASK_AGAIN_SECONDS)
