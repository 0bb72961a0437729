"""Notices on their way: claimed within the send budget, sent, marked; by any worker.

What is not marked is sent again when its lease is over: a kill in the moment between a send and its
mark may repeat one, nothing loses any.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)

from bot.delivery.attachments import send_known
from bot.delivery.letter import Letter, send_letter
from bot.delivery.notice_letters import letter_of
from bot.delivery.refusals import AWAY_PAUSE, LONGEST_PAUSE, UNCLEAR_PAUSES
from bot.telegram import may_be_done, patience
from bot.texts import Texts
from core import Background, CoreError, Notice, Notices, Unavailable, outage

log = logging.getLogger(__name__)

AT_ONCE = 8
POLL_SECONDS = 2.0
SOON_SECONDS = 0.3
SEND_SECONDS = 60.0
ATTEMPTS = 10
"""For errors of our own making. Telegram's being away has no such end."""
MARK_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)


class NoticeSender:
    """`unreachable` is told the chat of a person who blocked the bot or is gone."""

    def __init__(
        self,
        bot: Bot,
        notices: Notices,
        background: Background,
        texts: Texts,
        *,
        unreachable: Callable[[int], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._notices = notices
        self._background = background
        self._texts = texts
        self._unreachable = unreachable
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    async def run(self) -> None:
        """Until drained or cancelled."""
        self._background.spawn(self._listen(), "wakes of notices")
        while not self._closing:
            self._wake.clear()
            more = await self.look()
            try:
                async with asyncio.timeout(SOON_SECONDS if more else POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def look(self) -> bool:
        """Send what may be sent now; whether to look again soon. Does not raise."""
        self._idle.clear()
        try:
            notices, more = await self._notices.claim(AT_ONCE)
            async with asyncio.TaskGroup() as group:
                for notice in notices:
                    group.create_task(self._deliver(notice))
        except CoreError as error:
            if isinstance(error, Unavailable):
                outage.meet("the queue of notices", error)
            else:
                log.warning("notices can't be claimed: %s", error)
            return False
        finally:
            self._idle.set()
        return more or len(notices) == AT_ONCE

    async def drain(self, seconds: float) -> None:
        """Claim nothing new, wait up to `seconds` for what is being sent."""
        self._closing = True
        self._wake.set()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            pass

    async def _listen(self) -> None:
        async for _ in self._notices.wakes():
            self._wake.set()

    async def _deliver(self, notice: Notice) -> None:
        token = patience.set(0.0)
        try:
            await self._send(notice)
        except AiogramError as error:
            await self._meet(notice, error)
        except TimeoutError:
            await self._unclear(notice)
        except CoreError as error:
            log.warning("notice %d: what became of it is not kept: %s", notice.id, error)
        except Exception:
            log.exception("notice %d failed", notice.id)
            if notice.attempt >= ATTEMPTS:
                await self._give_up(notice, "error")
            else:
                await self._give_back(notice, _pause(notice), "error")
        finally:
            patience.reset(token)

    async def _send(self, notice: Notice) -> None:
        if not notice.chat_id:
            await self._give_up(notice, "blocked")
            return
        letter = letter_of(notice, self._texts.words(notice.language))
        if letter is None:
            await self._give_back(notice, LONGEST_PAUSE, "unsupported")
            return
        async with asyncio.timeout(SEND_SECONDS):
            send = send_known if letter.attachment else _send_words
            number = await send(self._bot, notice.chat_id, letter)
        await self._mark(notice, number)

    async def _mark(self, notice: Notice, number: int) -> None:
        for pause in MARK_PAUSES:
            try:
                return await self._notices.delivered(notice, number)
            except Unavailable:
                await asyncio.sleep(pause)
        return await self._notices.delivered(notice, number)

    async def _meet(self, notice: Notice, error: AiogramError) -> None:
        match error:
            case TelegramForbiddenError():
                gone = "deactivated" in error.message
                await self._give_up(notice, "deactivated" if gone else "blocked")
                await self._quietly(self._unreachable(notice.chat_id))
            case TelegramRetryAfter():
                await self._give_back(notice, error.retry_after, "flood")
            case TelegramBadRequest() | TelegramMigrateToChat():
                log.error("notice %d is rejected: %s", notice.id, error.message)
                await self._give_up(notice, "rejected")
            case TelegramNetworkError() if may_be_done(error):
                await self._unclear(notice)
            case _:
                seconds = min(AWAY_PAUSE, _pause(notice))
                await self._give_back(notice, seconds, type(error).__name__)

    async def _unclear(self, notice: Notice) -> None:
        if notice.unclear >= len(UNCLEAR_PAUSES):
            await self._give_up(notice, "unclear")
        else:
            await self._give_back(notice, UNCLEAR_PAUSES[notice.unclear], "unclear")

    async def _give_back(self, notice: Notice, seconds: float, reason: str) -> None:
        log.info("notice %d (%s) waits %.0f s: %s", notice.id, notice.kind, seconds, reason)
        await self._quietly(self._notices.postpone(notice, seconds, reason))

    async def _give_up(self, notice: Notice, reason: str) -> None:
        log.info("notice %d (%s) is not delivered: %s", notice.id, notice.kind, reason)
        await self._quietly(self._notices.fail(notice, reason))

    async def _quietly(self, step: Awaitable[None]) -> None:
        """If this is not kept, the lease runs out and somebody tries again."""
        try:
            await step
        except CoreError as error:
            log.info("a step of a notice is not kept: %s", error)


async def _send_words(bot: Bot, chat_id: int, letter: Letter) -> int:
    return await send_letter(bot, chat_id, None, letter)


def _pause(notice: Notice) -> int:
    """Seconds before the next attempt; doubles."""
    return min(LONGEST_PAUSE, 2 ** min(notice.attempt, 10))
