"""Telegram: whether it knows the token, and where it sends the bot's updates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import WebhookInfo

from bot.intake.address import address_of
from bot.settings import Settings
from bot.telegram import patience
from core import Clock, Verdict

_SECONDS = 8
_MANY = 100
_RECENT = timedelta(hours=1)


class TelegramChecks:
    """Nothing here takes an update away from a bot that polls."""

    def __init__(self, settings: Settings, bot: Bot | None, clock: Clock) -> None:
        self._settings = settings
        self._bot = bot
        self._clock = clock
        self._host = urlsplit(settings.telegram_api_url).netloc or "api.telegram.org"
        self.advice = (
            f"May this machine reach https://{self._host}? A proxy or firewall may forbid."
        )
        if settings.telegram_api_url:
            self.advice = f"Is TELEGRAM_API_URL right, and is the server at {self._host} running?"

    async def token(self) -> Verdict:
        if self._bot is None:
            return Verdict("skipped", "no BOT_TOKEN: the bot lives on the playground")
        patience.set(0)
        try:
            await self._ask_the_time(self._bot)
            me = await self._bot.get_me(request_timeout=_SECONDS)
        except TelegramUnauthorizedError:
            return self._refused()
        except TelegramNotFound:
            return self._refused()
        except TelegramRetryAfter as error:
            return Verdict(
                "warning",
                f"Telegram asks us to wait {error.retry_after} s",
                "Run the doctor again then; the bot itself waits on its own.",
            )
        except (TelegramAPIError, TelegramNetworkError) as error:
            return Verdict("failed", f"{self._host}: {error.message}", self.advice)
        return Verdict("ok", f"@{me.username} ({me.id}) at {self._host}")

    async def updates(self) -> Verdict:
        assert self._bot is not None
        patience.set(0)
        try:
            info = await self._bot.get_webhook_info(request_timeout=_SECONDS)
        except TelegramAPIError as error:
            return Verdict("failed", f"{self._host}: {error.message}", self.advice)
        if not self._settings.webhook_url:
            return _by_polling(info)
        return _by_webhook(info, address_of(self._settings).url)

    def _refused(self) -> Verdict:
        return Verdict(
            "failed",
            f"{self._host} does not know this BOT_TOKEN",
            "Copy it anew from @BotFather (/mybots, API Token); a revoked one stays dead."
            + (" Or is TELEGRAM_API_URL wrong?" if self._settings.telegram_api_url else ""),
        )

    async def _ask_the_time(self, bot: Bot) -> None:
        """Of the server itself: aiogram keeps the headers of its answers to itself."""
        if not isinstance(bot.session, AiohttpSession):
            return
        import aiohttp

        session = await bot.session.create_session()
        address = self._settings.telegram_api_url or f"https://{self._host}"
        sent = datetime.now(UTC)
        limit = aiohttp.ClientTimeout(total=_SECONDS / 2)
        try:
            async with session.get(address, allow_redirects=False, timeout=limit) as answer:
                self._clock.note_date("Telegram", answer.headers.get("Date"), sent)
        except (aiohttp.ClientError, OSError):
            return


def _by_polling(info: WebhookInfo) -> Verdict:
    if info.url:
        return Verdict(
            "failed",
            f"a webhook is set: updates go to {_host(info.url)}, and polling gets none"
            f"{_trouble(info)}",
            "To poll, stop what listens there and run `python -m bot webhook --delete`;"
            " to go on by webhook, set WEBHOOK_URL.",
        )
    return _waiting(info, "by polling")


def _by_webhook(info: WebhookInfo, wanted: str) -> Verdict:
    if not info.url:
        return Verdict(
            "failed",
            f"no webhook is set, so nothing comes to {_host(wanted)}",
            "Run `python -m bot webhook`: it sets WEBHOOK_URL when it starts.",
        )
    if info.url != wanted:
        where = _host(info.url)
        what = f"at {where}" if where != _host(wanted) else f"another address of {where}"
        return Verdict(
            "failed",
            f"the webhook is {what}, not WEBHOOK_URL{_trouble(info)}",
            "Is another bot running with this token? `python -m bot webhook` sets it anew.",
        )
    if _failed_lately(info):
        return Verdict(
            "failed" if info.pending_update_count else "warning",
            f"Telegram can't deliver to {_host(wanted)}{_trouble(info)}",
            "Is `python -m bot webhook` running, and do the proxy and its certificate lead to it?",
        )
    return _waiting(info, f"by webhook to {_host(wanted)}")


def _waiting(info: WebhookInfo, how: str) -> Verdict:
    count = info.pending_update_count
    if count >= _MANY:
        return Verdict("warning", f"{how}, {count} are waiting", "Is the bot running?")
    return Verdict("ok", f"{how}, {count or 'none'} waiting")


def _failed_lately(info: WebhookInfo) -> bool:
    return bool(info.last_error_date and datetime.now(UTC) - info.last_error_date < _RECENT)


def _trouble(info: WebhookInfo) -> str:
    """What Telegram tells of its last failure, and how much waits for the next try."""
    told = f" ({info.last_error_message})" if _failed_lately(info) else ""
    waiting = f"; {info.pending_update_count} updates wait" if info.pending_update_count else ""
    return told + waiting


def _host(url: str) -> str:
    """Without the path, which may be known to Telegram alone."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
