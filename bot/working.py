"""What a worker does: answers turns, delivers, and whatever is scheduled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from aiogram import Bot

from bot.alarm import Alarm
from bot.broadcasting.progress import Progress
from bot.broadcasting.sending import Broadcasting
from bot.delivery.drafts import Drafts
from bot.delivery.front import TelegramFront
from bot.delivery.notices import NoticeSender
from bot.delivery.outbox import Outbox
from bot.keyboards.delivery import keyboard_for
from bot.own_data.front import LastWord, TelegramExports
from bot.recognition import Recognition
from bot.texts import Texts
from bot.texts.delivery import ending, words_for_notice
from core import Core

log = logging.getLogger(__name__)


class Working:
    def __init__(self, core: Core, bot: Bot, texts: Texts, alarm: Alarm, *, votes: bool) -> None:
        """`votes`: there are 👍 and 👎 under answers."""
        self._core = core
        self._recognition = Recognition(bot)
        self._exports = TelegramExports(bot, texts)
        self._last_word = LastWord(bot, texts)
        self._outbox = Outbox(
            bot,
            core.deliveries,
            core.background,
            keyboard_for=lambda delivery: keyboard_for(
                delivery, texts.words(delivery.language), votes=votes
            ),
            words_for=lambda delivery: words_for_notice(
                delivery.payload, texts.words(delivery.language)
            ),
            ending_for=lambda delivery: ending(delivery.payload, texts.words(delivery.language)),
            attachments=core.attachments,
            voiced=core.voices.voiced if core.voices else None,
            unreachable=core.users.set_unreachable,
        )
        self._notices = NoticeSender(
            bot, core.notices, core.background, texts, unreachable=core.users.set_unreachable
        )
        self._broadcasting = Broadcasting(
            bot,
            core.broadcast_sends,
            core.background,
            Progress(bot, core.broadcast_sends, texts),
        )
        self._front = TelegramFront(Drafts(bot, core.background), self._outbox, texts, alarm)

    def works(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        log.info("answering turns and sending deliveries")
        return {
            "turns": self._core.work(self._front),
            "deliveries": self._outbox.run(),
            "notices": self._notices.run(),
            "broadcasts": self._broadcasting.run(),
            "statistics": self._core.statistics.run(),
            "token": self._recognition.run(),
            **self._core.own_data_works(self._exports, self._last_word),
        }

    def trouble(self) -> str:
        return self._recognition.trouble

    async def drain(self, seconds: float) -> None:
        """Answers first, then what is being sent."""
        loop = asyncio.get_running_loop()
        over = loop.time() + seconds
        await self._core.turns.drain(seconds)
        await self._outbox.drain(max(1.0, over - loop.time()))
        await self._broadcasting.drain(max(1.0, over - loop.time()))
        await self._notices.drain(max(1.0, over - loop.time()))
