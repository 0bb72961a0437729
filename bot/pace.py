"""Commands and buttons have no limit of their own in the database: nobody needs more than this.

What a person says to the companion is never dropped here, see `receive_message`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.handlers.saying import say
from bot.texts import Words

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

AT_ONCE = 30
PER_SECOND = 2.0
_KNOWN = 10_000


class Pace(BaseMiddleware):
    """A bucket for each person, of this process: what runs over is confirmed and does nothing, but
    for one word (or a word on each press)."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, CallbackQuery | Message) or not _counts(event):
            return await handler(event, data)
        bucket = self._bucket(data["event_from_user"].id)
        if bucket.takes(self._clock()):
            return await handler(event, data)
        words: Words = data["words"]
        if isinstance(event, CallbackQuery):
            return words.plain("pace-toast")
        if not bucket.told:
            bucket.told = True
            await say(event, words("pace"))
        return None

    def _bucket(self, person: int) -> _Bucket:
        bucket = self._buckets.pop(person, None) or _Bucket(self._clock())
        self._buckets[person] = bucket
        if len(self._buckets) > _KNOWN:
            self._buckets.popitem(last=False)
        return bucket


class _Bucket:
    __slots__ = ("_at", "_left", "told")

    def __init__(self, now: float) -> None:
        self._at = now
        self._left = float(AT_ONCE)
        self.told = False

    def takes(self, now: float) -> bool:
        self._left = min(self._left + (now - self._at) * PER_SECOND, float(AT_ONCE))
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        # Each time it has refilled is a new occasion for the word.
        self.told = self.told and self._left < AT_ONCE / 2
        return True


def _counts(event: CallbackQuery | Message) -> bool:
    return isinstance(event, CallbackQuery) or (event.text or "").startswith("/")
