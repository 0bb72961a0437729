"""What Telegram's answer to one send of a broadcast means for it, and for those behind it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.telegram import DoneUnreadably, may_be_done
from core import BroadcastOutcome

LONGEST_PAUSE = 30
REJECTIONS = 10
"""So many in a row: it is the message and not the people."""

SENT = BroadcastOutcome("sent")
REJECTED = "rejected"

_OF_THE_CHAT = ("chat not found", "user not found", "peer_id_invalid", "chat_write_forbidden")


def outcome_of(error: AiogramError) -> BroadcastOutcome:
    """`waiting` only where Telegram has certainly not taken it: in doubt nobody tries again."""
    match error:
        case TelegramForbiddenError():
            gone = "deactivated" in error.message
            return BroadcastOutcome("blocked", "deactivated" if gone else "blocked")
        case TelegramRetryAfter() | TelegramUnauthorizedError():
            return BroadcastOutcome("waiting", type(error).__name__)
        case TelegramBadRequest() | TelegramMigrateToChat() | TelegramEntityTooLarge():
            of_the_chat = any(word in error.message.lower() for word in _OF_THE_CHAT)
            return BroadcastOutcome("failed", "chat" if of_the_chat else REJECTED)
        case DoneUnreadably():
            return SENT
        case TelegramNetworkError() if not may_be_done(error):
            return BroadcastOutcome("waiting", type(error).__name__)
        case _:
            return BroadcastOutcome("unclear", type(error).__name__)


class Pauses:
    """How long everybody waits after a trouble: each that comes after a pause doubles the next, and
    those of one moment count as one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._in_a_row = 0
        self._until = -math.inf

    def after(self, error: AiogramError) -> int:
        """Seconds; 0 where the trouble is the recipient's alone, or known already."""
        if isinstance(error, TelegramRetryAfter):
            return math.ceil(error.retry_after)
        if outcome_of(error).state not in ("waiting", "unclear"):
            return 0
        now = self._clock()
        if now < self._until:
            return 0
        seconds = min(LONGEST_PAUSE, 2 ** min(self._in_a_row, 10))
        self._in_a_row += 1
        self._until = now + seconds
        return seconds

    def over(self) -> None:
        """Something has arrived."""
        self._in_a_row = 0
