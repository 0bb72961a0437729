"""Long polling that loses nothing: the next offset is sent when every update is done or kept."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from bot.intake.conflicts import Conflicts
from bot.intake.handling import Handling, settled
from bot.telegram import TOKEN_REFUSED
from core import Background, CoreError, Misconfigured

log = logging.getLogger(__name__)

Future = asyncio.Future[None]

POLL_SECONDS = 25
GRACE_SECONDS = 3.0
"""An update that takes longer (a flood wait, say) is kept and confirmed, so that others go on."""


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """`getUpdates` without parsing: one update of an unknown shape must not spoil its batch."""

    # Whatever comes gets through the parser: `Polling` looks at it itself.
    __returning__ = Any  # pyright: ignore[reportAssignmentType]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = 0
    allowed_updates: list[str]


class Polling:
    def __init__(
        self,
        bot: Bot,
        handling: Handling,
        background: Background,
        allowed_updates: list[str],
        conflicts: Conflicts,
    ) -> None:
        self._bot = bot
        self._handling = handling
        self._background = background
        self._allowed = allowed_updates
        self._conflicts = conflicts
        self._offset: int | None = None
        self._request: asyncio.Task[list[dict[str, Any]]] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = asyncio.Event()

    async def stop(self, seconds: float) -> None:
        """Take nothing new, and wait up to `seconds` until what was taken is done."""
        self._closing.set()
        if self._request:
            self._request.cancel()
        await _within(seconds, self._idle)

    async def run(self) -> None:
        """Until stopped. Being killed or cancelled loses nothing: what was not confirmed comes
        again. Raises `Misconfigured` when Telegram does not know the bot."""
        self._idle.clear()
        try:
            await self._poll()
            await self._confirm()
        finally:
            self._idle.set()

    async def _poll(self) -> None:
        delay = 1.0
        while not self._closing.is_set():
            self._request = self._background.spawn(
                self._get(POLL_SECONDS), "getUpdates", awaited=True
            )
            try:
                batch = await self._request
            except asyncio.CancelledError:
                if not self._closing.is_set():
                    raise
            except TelegramUnauthorizedError as error:
                raise Misconfigured(TOKEN_REFUSED) from error
            except TelegramNotFound as error:
                raise Misconfigured(
                    "BOT_TOKEN or TELEGRAM_API_URL is wrong: no such bot"
                ) from error
            except TelegramConflictError as error:
                await self._pause(await self._conflicts.meet(error))
            except TelegramRetryAfter as error:
                await self._pause(error.retry_after)
            except (TelegramNetworkError, TelegramServerError, TelegramAPIError) as error:
                log.warning("Telegram does not answer, trying again in %.0f s: %s", delay, error)
                await self._pause(delay)
                delay = min(delay * 2, 30.0)
            else:
                delay = 1.0
                self._conflicts.undisturbed()
                await self._take(batch)

    async def _pause(self, seconds: float) -> None:
        await _within(seconds, self._closing)

    async def _confirm(self) -> None:
        """Tell Telegram on the way out what is done, so that the next start begins after it."""
        if self._offset is not None:
            try:
                await self._get(0)
            except (TelegramAPIError, TimeoutError) as error:
                log.debug("the last updates were not confirmed: %s", error)

    async def _get(self, seconds: int) -> list[dict[str, Any]]:
        method = GetRawUpdates(
            offset=self._offset,
            timeout=seconds,
            limit=100 if seconds else 1,
            allowed_updates=self._allowed,
        )
        batch: Any = await self._bot(method, request_timeout=seconds + 10)
        try:
            return [raw for raw in batch if raw["update_id"] + 1]
        except (TypeError, KeyError):
            raise TelegramServerError(method, "these are no updates") from None

    async def _take(self, batch: list[dict[str, Any]]) -> None:
        """Until every update of the batch is settled or kept; then it may be confirmed."""
        waiting = {self._handling.submit(raw): raw for raw in batch}
        # What stands behind a late update will be late as well: others get no wait for it.
        await self._keep([f for f, raw in waiting.items() if self._handling.is_late(raw)], waiting)
        while waiting:
            done, rest = await asyncio.wait(waiting, timeout=GRACE_SECONDS)
            if not all(map(settled, done)):
                return  # The process is ending: what is not confirmed comes again.
            for future in done:
                del waiting[future]
            await self._keep(rest, waiting)
        if batch:
            self._offset = max(raw["update_id"] for raw in batch) + 1

    async def _keep(self, late: Iterable[Future], waiting: dict[Future, dict[str, Any]]) -> None:
        for future in late:
            try:
                await self._handling.keep(waiting[future], future)
            except CoreError as error:
                log.warning("updates wait at Telegram, nothing can be kept: %s", error)
                await self._pause(1)
                return
            del waiting[future]


async def _within(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
