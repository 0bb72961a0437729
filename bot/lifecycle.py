"""The life of a process: signals, the start that may be broken off, the parts, the drain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

from core import Core

log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0
FRESH_SECONDS = 1.0


class Part(Protocol):
    """What a process does: receive updates, work on turns."""

    def works(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        """Each runs until it is drained or cancelled. When one ends, so does the process."""
        ...

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, end within `seconds` what has begun, leave the rest to others."""
        ...

    def trouble(self) -> str:
        """Why it can't do its work now; empty when it can."""
        ...


class Signals:
    """SIGTERM and Ctrl-C: the first asks to stop, the second to hurry. The database is stopped
    either way; a third one breaks even that off."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.hurry = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        if not self.stop.is_set():
            self.stop.set()
        else:
            self.hurry.set()
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.remove_signal_handler(number)
                # Not the default: a pair of signals at one moment would not even stop the database.
                signal.signal(number, signal.default_int_handler)


class Life:
    def __init__(self, core: Core, signals: Signals, drain_seconds: float) -> None:
        self._core = core
        self._background = core.background
        self._signals = signals
        self._drain_seconds = drain_seconds
        self._parts: Sequence[Part] = ()
        self._asking = asyncio.Lock()
        self._asked_at = -FRESH_SECONDS
        self._answered = False

    async def ready(self) -> str:
        """Why this process should be given no work now; empty when it may. For `/readyz`."""
        if self._signals.stop.is_set():
            return "stopping"
        for part in self._parts:
            if trouble := part.trouble():
                return trouble
        return "" if await self._database_answers() else "the database does not answer"

    async def _database_answers(self) -> bool:
        """Asked once a second at most: anybody may ask for `/readyz`, as often as they like."""
        loop = asyncio.get_running_loop()
        async with self._asking:
            if loop.time() - self._asked_at > FRESH_SECONDS:
                self._answered = False
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ANSWER_SECONDS):
                        self._answered = await self._core.answers()
                self._asked_at = loop.time()
            return self._answered

    async def begin(self) -> bool:
        """Open core. False if a signal came first: a database may take minutes to recover."""
        opening = self._background.spawn(self._core.open(), "open", awaited=True)
        stop = self._background.spawn(self._signals.stop.wait(), "signal at the start")
        await asyncio.wait({opening, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            opening.cancel()
            return False
        stop.cancel()
        await opening
        return True

    async def live(self, *parts: Part) -> None:
        """Until a signal comes or a part ends; then drain them, in this order."""
        self._parts = parts
        vital = {
            self._background.spawn(work, name, awaited=True)
            for part in parts
            for name, work in part.works().items()
        }
        stop = self._background.spawn(self._signals.stop.wait(), "first signal")
        ended, _ = await asyncio.wait({stop, *vital}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended - {stop}:
            # Without it the bot would live on deaf or dumb; whoever started it starts it again.
            await task
        draining = self._background.spawn(self._drain(), "drain", awaited=True)
        hurry = self._background.spawn(self._signals.hurry.wait(), "second signal")
        await asyncio.wait({draining, hurry}, return_when=asyncio.FIRST_COMPLETED)
        if not draining.done():
            log.info("stopping at once: what is in flight will be taken up by others")
            draining.cancel()

    async def _drain(self) -> None:
        """Nothing new behind our back: intake comes before the answers it begins."""
        log.info("stopping: what is in flight may take up to %.0f s", self._drain_seconds)
        loop = asyncio.get_running_loop()
        over = loop.time() + self._drain_seconds
        for part in self._parts:
            await part.drain(max(0.0, over - loop.time()))
        log.info("stopped")
