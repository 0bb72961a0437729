"""What admins see of a broadcast while it runs; one process at a time draws it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest

from bot.handlers.saying import NO_PREVIEW
from bot.keyboards.broadcast import screen_keyboard
from bot.telegram import patience
from bot.texts import Texts
from bot.texts.broadcast import screen_words
from core import BroadcastSends, CoreError, Screen, Tended

log = logging.getLogger(__name__)

FRESH_SECONDS = 3.0
MEASURED_SECONDS = 30.0
FINAL_TRIES = 5
"""Of showing the end, before the notice alone tells it."""


class Progress:
    """`open` is set by whoever knows whether there is anything to show."""

    def __init__(self, bot: Bot, sends: BroadcastSends, texts: Texts) -> None:
        self._bot = bot
        self._sends = sends
        self._texts = texts
        self._paces: dict[int, _Pace] = {}
        self._shown: dict[tuple[int, int], str] = {}
        self._tries: dict[int, int] = {}
        self.open = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(FRESH_SECONDS)
            if self.open:
                await self.look()

    async def look(self) -> None:
        """Show what has changed, if this process is the one to do it. Does not raise."""
        try:
            tended = await self._sends.tend()
            for each in tended:
                await self._show(each)
        except CoreError as error:
            log.info("the progress of broadcasts is not shown: %s", error)
            return
        running = {each.broadcast.id for each in tended}
        for gone in self._paces.keys() - running:
            del self._paces[gone]

    async def _show(self, tended: Tended) -> None:
        broadcast = tended.broadcast
        pace = self._paces.setdefault(broadcast.id, _Pace())
        pace.saw(broadcast.done, moving=broadcast.status == "sending")
        shown = [await self._draw(screen, tended, pace.per_second) for screen in tended.screens]
        if not tended.settled:
            return
        tries = self._tries[broadcast.id] = self._tries.get(broadcast.id, 0) + 1
        if all(shown) or tries >= FINAL_TRIES:
            await self._sends.told(broadcast.id)
            self._tries.pop(broadcast.id)
            for screen in tended.screens:
                self._shown.pop((screen.chat_id, screen.message_id), None)

    async def _draw(self, screen: Screen, tended: Tended, per_second: float | None) -> bool:
        words = self._texts.words(screen.language)
        html = screen_words(tended.broadcast, words, per_second)
        place = screen.chat_id, screen.message_id
        if self._shown.get(place) == html:
            return True
        token = patience.set(0.0)
        try:
            await self._bot.edit_message_text(
                html,
                chat_id=screen.chat_id,
                message_id=screen.message_id,
                parse_mode="HTML",
                reply_markup=screen_keyboard(tended.broadcast, words),
                link_preview_options=NO_PREVIEW,
            )
        except TelegramBadRequest:
            # Shown already by the press of a button, or taken away by the admin.
            pass
        except AiogramError as error:
            log.info("the progress of broadcast %d: %s", tended.broadcast.id, type(error).__name__)
            return False
        finally:
            patience.reset(token)
        self._shown[place] = html
        return True


class _Pace:
    """How many people a second, over the last half minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def saw(self, done: int, *, moving: bool) -> None:
        now = time.monotonic()
        if not moving:
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > MEASURED_SECONDS:
            self._seen.popleft()

    @property
    def per_second(self) -> float | None:
        """None while too little has been seen."""
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - began) if now - began >= 1 and last > first else None
