"""Word to the operators: each trouble once, not once per person who meets it."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from bot.texts import Texts
from core import Background

log = logging.getLogger(__name__)

QUIET_SECONDS = 6 * 3600.0


class Alarm:
    def __init__(
        self, bot: Bot, admin_ids: Sequence[int], texts: Texts, background: Background
    ) -> None:
        self._bot = bot
        self._admin_ids = admin_ids
        self._texts = texts
        self._background = background
        self._raised: dict[str, float] = {}

    def raise_(self, kind: str, detail: str) -> None:
        """`kind` names a text `alarm-<kind>`; `detail` must hold no words of a person."""
        now = time.monotonic()
        if now - self._raised.get(kind, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._raised[kind] = now
        log.error("%s: %s", kind, detail)
        for admin_id in self._admin_ids:
            self._background.spawn(self._tell(admin_id, kind, detail), f"alarm {kind}")

    async def _tell(self, admin_id: int, kind: str, detail: str) -> None:
        words = self._texts.words("ru")
        try:
            await self._bot.send_message(
                admin_id, words(f"alarm-{kind}", detail=detail[:1000]), parse_mode="HTML"
            )
        except TelegramAPIError as error:
            log.warning("admin %s could not be told: %s", admin_id, error)
