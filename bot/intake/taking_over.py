"""What was kept by processes that are gone is handled by those that live."""

from __future__ import annotations

import asyncio
import logging

from bot.intake.handling import Handling
from bot.intake.keeping import PAUSE_SECONDS, Keeping
from core import Background, CoreError

log = logging.getLogger(__name__)


class TakingOver:
    def __init__(self, keeping: Keeping, handling: Handling, background: Background) -> None:
        self._keeping = keeping
        self._handling = handling
        self._background = background
        self._closing = False
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Until stopped; the database may be away at times."""
        self._background.spawn(self._keeping.listen(), "what others keep")
        while not self._closing:
            try:
                await self.look()
            except CoreError as error:
                log.info("kept updates wait for the database: %s", error)
            await self._rest()

    def stop(self) -> None:
        self._closing = True
        self._keeping.changed.set()

    async def look(self) -> None:
        """Raises `CoreError` while the database is away."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        # First what is ours: after an outage, nobody shall claim what this process is about to end.
        for update_id in await self._keeping.renew():
            log.warning("update %s has been taken over by another process", update_id)
            self._handling.withdraw(update_id)
        while not self._closing and (claimed := await self._keeping.claim()):
            log.info("taking up %d kept updates", len(claimed))
            for raw in claimed:
                self._handling.submit(raw, claimed=True)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                await self._keeping.changed.wait()
        except TimeoutError:
            pass
        self._keeping.changed.clear()
