"""What every process does beside its work: it looks for problems and tells admins of them."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Coroutine, Mapping
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
)

from bot.commands import set_menu_of_chat
from bot.keyboards.problems import word_keyboard
from bot.telegram import patience
from bot.texts import Texts
from bot.texts.problems import words_for_problem
from core import Core, CoreError, ProblemWord

log = logging.getLogger(__name__)

SEND_SECONDS = 20.0
RETRY_SECONDS = (5, 15, 60, 300, 900)
MENU_SECONDS = 5.0
REFUSED_SECONDS = 3600
"""An admin who has blocked the bot may let it in again, and hears then of what is still there."""


class Watching:
    def __init__(self, core: Core, bot: Bot, texts: Texts) -> None:
        self._core = core
        self._bot = bot
        self._texts = texts

    def works(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        return {
            "problems": self._core.watch_over(self.tell),
            "admins' menus": self._keep_menus(),
        }

    async def drain(self, seconds: float) -> None:
        """A word that is not marked as told is another process's in a minute."""

    def trouble(self) -> str:
        return ""

    async def tell(self, word: ProblemWord) -> int | None:
        """Seconds until the next try, None when the admin has been told. Does not raise."""
        words = self._texts.words(word.language)
        keyboard = word_keyboard(words) if word.open else None
        token = patience.set(0.0)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._bot.send_message(
                    word.admin_id,
                    words_for_problem(word, words),
                    parse_mode="HTML",
                    reply_markup=keyboard,
                )
        except TelegramForbiddenError:
            log.info("admin %d can't be reached", word.admin_id)
            await self._unreachable(word.admin_id)
            return REFUSED_SECONDS
        except TelegramBadRequest as error:
            log.warning("admin %d can't be told of %s: %s", word.admin_id, word.problem.name, error)
            return REFUSED_SECONDS
        except TelegramRetryAfter as error:
            return math.ceil(error.retry_after)
        except (AiogramError, TimeoutError, OSError) as error:
            pause = RETRY_SECONDS[min(word.attempt, len(RETRY_SECONDS)) - 1]
            log.warning(
                "admin %d is told of %s in %d s: %s",
                word.admin_id,
                word.problem.name,
                pause,
                type(error).__name__,
            )
            return pause
        finally:
            patience.reset(token)
        return None

    async def _keep_menus(self) -> None:
        while True:
            try:
                await self.set_menus()
            except CoreError as error:
                log.debug("menus wait for the database: %s", error)
            except (AiogramError, OSError) as error:
                log.info("admins' menus wait for Telegram: %s", type(error).__name__)
            await asyncio.sleep(MENU_SECONDS)

    async def set_menus(self) -> None:
        """Of those whose menu is not what their level asks for."""
        problems = self._core.problems
        for menu in await problems.menus():
            words = self._texts.words(menu.language)
            try:
                await set_menu_of_chat(self._bot, menu.telegram_id, words, admin=menu.admin)
            except TelegramBadRequest as error:
                # No such chat any more.
                log.info("the menu of admin %d can't be set: %s", menu.telegram_id, error)
            except TelegramForbiddenError:
                await self._unreachable(menu.telegram_id)
                if menu.admin:
                    continue
            await problems.shown(menu)

    async def _unreachable(self, admin_id: int) -> None:
        try:
            await self._core.users.set_unreachable(admin_id)
        except CoreError as error:
            log.debug("%s", error)
