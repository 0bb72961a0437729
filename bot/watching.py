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

from bot.keyboards.problems import word_keyboard
from bot.telegram import patience
from bot.texts import Texts
from bot.texts.problems import words_for_problem
from core import Core, CoreError, ProblemWord

log = logging.getLogger(__name__)

SEND_SECONDS = 20.0
RETRY_SECONDS = (5, 15, 60, 300, 900)
REFUSED_SECONDS = 3600
"""An admin who has blocked the bot may let it in again, and hears then of what is still there."""


class Watching:
    def __init__(self, core: Core, bot: Bot, texts: Texts) -> None:
        self._core = core
        self._bot = bot
        self._texts = texts

    def works(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        return {"problems": self._core.watch_over(self.tell)}

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

    async def _unreachable(self, admin_id: int) -> None:
        try:
            await self._core.users.set_unreachable(admin_id)
        except CoreError as error:
            log.debug("%s", error)
