"""When to look for work: told by somebody in this process or another, or now and then."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from core.database import Database

CHANNEL = "own_data"
POLL_SECONDS = 10.0


class Waking:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: set[asyncio.Event] = set()

    def wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def listen(self) -> None:
        """Until cancelled."""
        async for _ in self._db.notifications(CHANNEL):
            self.wake()

    async def wait(self) -> None:
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await event.wait()
        finally:
            self._waiting.discard(event)
