"""Word to the operators: each trouble once, not once per person who meets it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError

from bot.texts import Texts
from core import Background, CoreError, ModelRejected

log = logging.getLogger(__name__)

QUIET_SECONDS = 6 * 3600.0
"""The same trouble is not told again before that."""

RETRY_SECONDS = (5, 30, 120, 600, 3600)

_REJECTED = {
    "quota": "alarm-quota",
    "key": "alarm-key",
    "model": "alarm-model",
    "request": "alarm-request",
}

_LOGGED = {
    "alarm-quota": "the model's key is out of money or quota, people get no answers",
    "alarm-key": "the model refuses the key, people get no answers",
    "alarm-model": "there is no such model any more, people get no answers",
    "alarm-request": "the model refuses our requests, people get no answers",
    "alarm-down": "the model does not answer",
}
"""What is not here, whoever meets it has logged."""

Once = Callable[[str, float], Awaitable[bool]]


class Alarm:
    def __init__(
        self,
        bot: Bot,
        admin_ids: Sequence[int],
        texts: Texts,
        background: Background,
        once: Once,
    ) -> None:
        """`once` agrees with the other processes on who tells; see `Core.once`."""
        self._bot = bot
        self._admin_ids = admin_ids
        self._texts = texts
        self._background = background
        self._once = once
        self._raised: dict[str, float] = {}

    def model_fails(self, error: CoreError) -> None:
        if isinstance(error, ModelRejected):
            # A complaint about a request may quote it.
            told = str(error) if error.kind == "request" else error.detail
            self._raise(_REJECTED.get(error.kind, "alarm-request"), str(error), told)
        else:
            self._raise("alarm-down", str(error))

    def update_failed(self, update_id: int, error: Exception) -> None:
        self._raise("alarm-update", f"{update_id}: {type(error).__name__}")

    def second_poller(self, other: str) -> None:
        self._raise("alarm-second-poller", other)

    def webhook_elsewhere(self, host: str) -> None:
        self._raise("alarm-webhook-elsewhere", host)

    def _raise(self, key: str, detail: str, told: str = "") -> None:
        """`detail` is for the log and must hold no words of a person; `told` for the operators."""
        now = time.monotonic()
        if now - self._raised.get(key, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._raised[key] = now
        if said := _LOGGED.get(key):
            log.error("%s: %s", said, detail)
        if self._admin_ids:
            self._background.spawn(self._tell_all(key, told or detail), key)

    async def _tell_all(self, key: str, detail: str) -> None:
        if await self._once(key, QUIET_SECONDS):
            await asyncio.gather(*(self._tell(each, key, detail) for each in self._admin_ids))

    async def _tell(self, admin_id: int, key: str, detail: str) -> None:
        said = self._texts.words("ru")(key, detail=detail[:1000])
        for pause in RETRY_SECONDS:
            try:
                await self._bot.send_message(admin_id, said, parse_mode="HTML")
                return
            except (TelegramForbiddenError, TelegramBadRequest) as error:
                log.warning("admin %s can't be told: %s", admin_id, error)
                return
            except TelegramAPIError as error:
                log.warning("admin %s is not told yet: %s", admin_id, error)
                await asyncio.sleep(pause)
