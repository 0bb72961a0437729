"""The front end as core sees it: previews, deliveries, troubles."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

from bot.alarm import Alarm
from bot.delivery.drafts import Drafts
from bot.delivery.fetching import fetch
from bot.delivery.outbox import Outbox
from bot.texts import Texts
from bot.texts.delivery import busy_lines
from core import CoreError, Delivery, Preview, Turn


class TelegramFront:
    def __init__(self, drafts: Drafts, outbox: Outbox, texts: Texts, alarm: Alarm) -> None:
        self._drafts = drafts
        self._outbox = outbox
        self._texts = texts
        self._alarm = alarm

    def preview(self, turn: Turn) -> AbstractAsyncContextManager[Preview]:
        words = self._texts.words(turn.language)
        return self._drafts.open(
            turn.chat_id or 0,
            turn.thread_id,
            turn.draft_id,
            words.waiting(),
            partial(busy_lines, words),
        )

    async def deliver(self, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            self._outbox.expect(turn.chat_id or 0)
        await self._outbox.deliver(*deliveries)

    def fetch(self, telegram_id: str) -> AsyncGenerator[bytes, None]:
        return fetch(self._drafts.bot, telegram_id)

    def trouble(self, error: CoreError) -> None:
        self._alarm.model_fails(error)
