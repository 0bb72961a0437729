"""The sends themselves: as many at once as the shared budget gives, none ever twice."""

from __future__ import annotations

import asyncio
import logging
import time

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import TelegramMethod
from aiogram.types import Message

from bot.broadcasting.content import letter_to
from bot.broadcasting.marking import Marking
from bot.broadcasting.outcomes import REJECTED, REJECTIONS, SENT, Pauses, outcome_of
from bot.broadcasting.progress import Progress
from bot.telegram import patience
from core import (
    Background,
    BroadcastContent,
    BroadcastOutcome,
    BroadcastSend,
    BroadcastSends,
    ClaimedSends,
    CoreError,
    Unavailable,
    outage,
)

log = logging.getLogger(__name__)

AT_ONCE = 16
"""What a kill may leave unclear. At a tenth of a second each, a worker sends 160 a second."""

SOON_SECONDS = 0.2
IDLE_SECONDS = 2.0

_NOTHING = ClaimedSends((), None, open=False)


class Broadcasting:
    def __init__(
        self, bot: Bot, sends: BroadcastSends, background: Background, progress: Progress
    ) -> None:
        self._bot = bot
        self._sends = sends
        self._background = background
        self._progress = progress
        self._marking = Marking(sends, background)
        self._pauses = Pauses()
        self._free = AT_ONCE
        self._changed = asyncio.Event()
        self._rejections = 0
        self._closing = False

    async def run(self) -> None:
        """Until drained or cancelled."""
        self._background.spawn(self._progress.run(), "progress of broadcasts")
        while not self._closing:
            if self._free < AT_ONCE // 2:
                await self._rest(IDLE_SECONDS)
            else:
                await self._pause(await self.look())

    async def look(self) -> float:
        """Begin what may be sent now; the seconds after which to look again. Does not raise."""
        room = self._free
        claimed = await self._claim(room)
        self._progress.open = claimed.open
        for send in claimed.sends:
            self._begin(send, claimed.content)
        if len(claimed.sends) == room:
            return 0.0
        return SOON_SECONDS if claimed.open else IDLE_SECONDS

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, wait up to `seconds` for what is being sent and marked."""
        self._closing = True
        self._changed.set()
        await self.settle(seconds)

    async def settle(self, seconds: float) -> None:
        """Until what was begun is sent and marked, at most `seconds`."""
        over = time.monotonic() + seconds
        while self._free < AT_ONCE and (left := over - time.monotonic()) > 0:
            await self._rest(left)
        try:
            async with asyncio.timeout(max(0.0, over - time.monotonic())):
                await self._marking.finished()
        except TimeoutError:
            pass

    def _begin(self, send: BroadcastSend, content: BroadcastContent | None) -> None:
        assert content
        self._free -= 1
        self._background.spawn(self._one(send, content), f"broadcast {send.broadcast_id}")

    async def _claim(self, room: int) -> ClaimedSends:
        try:
            return await self._sends.claim(room)
        except CoreError as error:
            # What was claimed all the same has nobody to send it: it becomes unclear.
            if isinstance(error, Unavailable):
                outage.meet("broadcasts", error)
            else:
                log.warning("broadcasts can't be claimed: %s", error)
            return _NOTHING

    async def _one(self, send: BroadcastSend, content: BroadcastContent) -> None:
        # One flood wait is enough to stop all of it at once.
        token = patience.set(0.0)
        try:
            await self._send(send, letter_to(send.chat_id, content))
        except Exception:
            log.exception("a message of broadcast %d can't be made", send.broadcast_id)
            self._fail(send, BroadcastOutcome("failed", REJECTED))
        finally:
            patience.reset(token)
            self._free += 1
            self._changed.set()

    async def _send(self, send: BroadcastSend, letter: TelegramMethod[Message]) -> None:
        try:
            await self._bot(letter)
        except AiogramError as error:
            outcome = outcome_of(error)
            if outcome.failure == REJECTED:
                log.error("broadcast %d is rejected: %s", send.broadcast_id, type(error).__name__)
                self._fail(send, outcome)
            else:
                seconds = self._pauses.after(error)
                if seconds:
                    log.warning("broadcasts wait %d s: %s", seconds, type(error).__name__)
                self._marking.add(send, outcome, pause_seconds=seconds)
        except Exception:
            # Whether it went out before that, nobody knows.
            log.exception("a send of broadcast %d failed", send.broadcast_id)
            self._marking.add(send, BroadcastOutcome("unclear", "error"))
        else:
            self._rejections = 0
            self._pauses.over()
            self._marking.add(send, SENT)

    def _fail(self, send: BroadcastSend, outcome: BroadcastOutcome) -> None:
        self._rejections += 1
        halt = self._rejections >= REJECTIONS
        if halt:
            log.error("broadcast %d is taken by nobody: paused", send.broadcast_id)
            self._rejections = 0
        self._marking.add(send, outcome, halt=halt)

    async def _pause(self, seconds: float) -> None:
        over = time.monotonic() + seconds
        while not self._closing and (left := over - time.monotonic()) > 0:
            await self._rest(left)

    async def _rest(self, seconds: float) -> None:
        """Until a send is over, or the time is."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
