"""What Telegram's refusal of a delivery means for it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)

from bot.delivery.chat_locks import ChatLock
from bot.delivery.keeping import Keeping
from bot.telegram import may_be_done
from core import Delivery

log = logging.getLogger(__name__)

LONGEST_PAUSE = 300
AWAY_PAUSE = 10
"""Telegram was away: when it is back, people should not wait for us as well."""

UNCLEAR_PAUSES = (10, 30, 120, 300)
"""Seconds before the next try where a piece may have arrived although Telegram's answer did not.
Each try might be one more copy, and the chat's other words wait behind it, so it is let go at last;
but not before an outage of some minutes is over."""


class Refusals:
    """`unreachable` is told the chat of a person who blocked the bot or is gone."""

    def __init__(
        self, keeping: Keeping, unreachable: Callable[[int], Awaitable[None]] | None
    ) -> None:
        self._keeping = keeping
        self._unreachable = unreachable

    async def meet(self, delivery: Delivery, lane: ChatLock, error: AiogramError) -> None:
        match error:
            case TelegramForbiddenError():
                gone = "deactivated" in error.message
                await self._keeping.give_up(delivery, "deactivated" if gone else "blocked")
                if self._unreachable:
                    await self._keeping.quietly(self._unreachable(delivery.chat_id))
            case TelegramRetryAfter():
                lane.shut(error.retry_after)
                await self._keeping.give_back(delivery, error.retry_after, "flood")
            case TelegramBadRequest() | TelegramMigrateToChat() | TelegramEntityTooLarge():
                log.error("delivery %d is rejected: %s", delivery.id, error.message)
                await self._keeping.give_up(delivery, "rejected")
            case TelegramNetworkError() if may_be_done(error):
                await self._meet_unclear(delivery, lane)
            case _:
                seconds = min(AWAY_PAUSE, pause(delivery))
                log.warning("delivery %d waits %ds: %s", delivery.id, seconds, type(error).__name__)
                lane.shut(seconds)
                await self._keeping.give_back(delivery, seconds, type(error).__name__)

    async def _meet_unclear(self, delivery: Delivery, lane: ChatLock) -> None:
        if delivery.unclear >= len(UNCLEAR_PAUSES):
            log.error("delivery %d may have arrived: let go", delivery.id)
            await self._keeping.give_up(delivery, "unclear")
            return
        seconds = UNCLEAR_PAUSES[delivery.unclear]
        log.warning("delivery %d may have arrived, next try in %d s", delivery.id, seconds)
        lane.shut(seconds)
        await self._keeping.give_back(delivery, seconds, "unclear")


def pause(delivery: Delivery) -> int:
    """Seconds before the next attempt; doubles."""
    return min(LONGEST_PAUSE, 2 ** min(delivery.attempt, 10))
