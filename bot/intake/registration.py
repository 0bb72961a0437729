"""The webhook as Telegram knows it: set at the start, looked at every minute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import WebhookInfo

from bot.intake.address import Address
from bot.telegram import TOKEN_REFUSED
from core import Misconfigured

log = logging.getLogger(__name__)

CHECK_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 60.0
REMIND_AFTER = timedelta(hours=1)
CONNECTIONS = 100


class Registration:
    """`pending` is how many updates wait at Telegram, as of the last look. `trouble` says why none
    come here, nothing when they do."""

    def __init__(
        self,
        bot: Bot,
        address: Address,
        allowed_updates: Sequence[str],
        elsewhere: Callable[[str], None],
    ) -> None:
        """`elsewhere` lets the operator know to which host the updates go instead of here."""
        self._bot = bot
        self._address = address
        self._allowed = list(allowed_updates)
        self._elsewhere = elsewhere
        self._told = ""
        self._told_at = datetime.now(UTC)
        self.trouble = "the webhook is not set yet"
        self.pending = 0

    async def run(self) -> None:
        """Set it, then look at it every minute, until cancelled. Raises `Misconfigured` when
        Telegram does not know the bot, or will not have the address at the start."""
        try:
            await self._patiently(self._set)
        except TelegramBadRequest as error:
            raise Misconfigured(f"Telegram refuses WEBHOOK_URL: {error.message}") from error
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._patiently(self.check)
            except TelegramBadRequest as error:
                self.trouble = "Telegram refuses the webhook"
                log.error("Telegram refuses WEBHOOK_URL: %s", error.message)

    async def check(self) -> None:
        """Raises `TelegramAPIError`."""
        info = await self._bot.get_webhook_info()
        self.pending = info.pending_update_count
        if not info.url:
            log.warning("the webhook is gone, setting it again")
            await self._set()
        elif info.url != self._address.url:
            self._lost_to(urlsplit(info.url).hostname or "another address")
        else:
            self.trouble = ""
            self._tell_error(info)

    async def _set(self) -> None:
        await self._bot.set_webhook(
            self._address.url,
            secret_token=self._address.secret,
            allowed_updates=self._allowed,
            max_connections=CONNECTIONS,
        )
        self.trouble = ""
        log.info("Telegram sends updates to %s", self._address.host)

    def _lost_to(self, host: str) -> None:
        # At each look: it is over when it has not been told for a while.
        self._elsewhere(host)
        trouble = f"updates go to {host}"
        if trouble == self.trouble:
            return
        self.trouble = trouble
        log.error(
            "this bot's updates go to a webhook at %s instead of %s: somebody else has set it with"
            " the same token. It is left alone; to have it back, end the other one and start this"
            " process again",
            host,
            self._address.host,
        )

    def _tell_error(self, info: WebhookInfo) -> None:
        """Telegram repeats the last one for ever; each is told once, and again after an hour."""
        if not info.last_error_message or not info.last_error_date:
            return
        known = info.last_error_message == self._told
        if info.last_error_date > self._told_at + (REMIND_AFTER if known else timedelta(0)):
            log.warning(
                "Telegram had trouble with the webhook, %d updates wait there: %s",
                info.pending_update_count,
                info.last_error_message,
            )
            self._told, self._told_at = info.last_error_message, info.last_error_date

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Again and again while Telegram is away."""
        pause = 1.0
        while True:
            try:
                return await step()
            except TelegramUnauthorizedError as error:
                raise Misconfigured(TOKEN_REFUSED) from error
            except TelegramNotFound as error:
                raise Misconfigured(
                    "BOT_TOKEN or TELEGRAM_API_URL is wrong: no such bot"
                ) from error
            except TelegramRetryAfter as error:
                await asyncio.sleep(error.retry_after)
            except (TelegramNetworkError, TelegramServerError) as error:
                log.warning("the webhook waits for Telegram, %.0f s more: %s", pause, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
