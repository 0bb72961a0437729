"""The front end as core sees it: previews, deliveries, troubles."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from bot.alarm import Alarm
from bot.delivery.drafts import Drafts
from bot.delivery.outbox import Outbox
from bot.texts import Texts
from bot.texts.delivery import waiting
from core import CoreError, Delivery, ModelRejected, Preview, Turn


class TelegramFront:
    def __init__(self, drafts: Drafts, outbox: Outbox, texts: Texts, alarm: Alarm) -> None:
        self._drafts = drafts
        self._outbox = outbox
        self._texts = texts
        self._alarm = alarm

    def preview(self, turn: Turn) -> AbstractAsyncContextManager[Preview]:
        words = self._texts.words(turn.language)
        patience = [waiting(10.0 * tens, turn.draft_id, words) or "" for tens in range(1, 10)]
        return self._drafts.open(turn.chat_id or 0, turn.thread_id, turn.draft_id, patience)

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await self._outbox.deliver(delivery)

    def trouble(self, error: CoreError) -> None:
        if isinstance(error, ModelRejected):
            self._alarm.raise_(f"model-{error.kind}", error.detail)
        else:
            self._alarm.raise_("model-down", str(error))
