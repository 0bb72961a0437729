"""What Telegram's refusal of a delivery means for it."""

from __future__ import annotations

import logging
from collections import Counter
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

UNCLEAR = 3
"""So often a piece may have arrived although Telegram's answer did not; then it is let go, since
each further try might be one more copy, and the chat's other words wait behind it."""


class Refusals:
    """`unreachable` is told the chat of a person who blocked the bot or is gone."""

    def __init__(
        self, keeping: Keeping, unreachable: Callable[[int], Awaitable[None]] | None
    ) -> None:
        self._keeping = keeping
        self._unreachable = unreachable
        self._unclear: Counter[int] = Counter()

    def forget(self, delivery: Delivery) -> None:
        """It has arrived."""
        self._unclear.pop(delivery.id, None)

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
            case TelegramNetworkError() if may_be_done(error) and self._is_enough(delivery):
                log.error("delivery %d may have arrived: let go", delivery.id)
                await self._keeping.give_up(delivery, "unclear")
            case _:
                seconds = min(AWAY_PAUSE, pause(delivery))
                log.warning("delivery %d waits %ds: %s", delivery.id, seconds, type(error).__name__)
                lane.shut(seconds)
                await self._keeping.give_back(delivery, seconds, type(error).__name__)

    def _is_enough(self, delivery: Delivery) -> bool:
        """Counted here, since long outages make many attempts that were clearly in vain."""
        self._unclear[delivery.id] += 1
        if self._unclear[delivery.id] < UNCLEAR:
            return False
        del self._unclear[delivery.id]
        return True


def pause(delivery: Delivery) -> int:
    """Seconds before the next attempt; doubles."""
    return min(LONGEST_PAUSE, 2 ** min(delivery.attempt, 10))
