"""Outcomes on their way to the database: what gathers while one call runs goes with the next."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core import (
    Background,
    BroadcastOutcome,
    BroadcastSend,
    BroadcastSends,
    CoreError,
    Unavailable,
    outage,
)

log = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0


@dataclass(slots=True)
class _Batch:
    outcomes: dict[BroadcastSend, BroadcastOutcome] = field(
        default_factory=dict[BroadcastSend, BroadcastOutcome]
    )
    pause_seconds: int = 0
    halt: bool = False


class Marking:
    def __init__(
        self,
        sends: BroadcastSends,
        background: Background,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._sends = sends
        self._background = background
        self._sleep = sleep
        self._batches: dict[int, _Batch] = {}
        self._finished = asyncio.Event()
        self._finished.set()

    def add(
        self,
        send: BroadcastSend,
        outcome: BroadcastOutcome,
        *,
        pause_seconds: int = 0,
        halt: bool = False,
    ) -> None:
        """See `BroadcastSends.mark`. While the database is away nothing is forgotten."""
        batch = self._batches.setdefault(send.broadcast_id, _Batch())
        batch.outcomes[send] = outcome
        batch.pause_seconds = max(batch.pause_seconds, pause_seconds)
        batch.halt |= halt
        if self._finished.is_set():
            self._finished.clear()
            self._background.spawn(self._keep_all(), "outcomes of broadcasts")

    async def finished(self) -> None:
        """Until all that was added is kept."""
        await self._finished.wait()

    async def _keep_all(self) -> None:
        try:
            while self._batches:
                taken, self._batches = self._batches, {}
                for broadcast_id, batch in taken.items():
                    await self._keep(broadcast_id, batch)
        finally:
            self._finished.set()

    async def _keep(self, broadcast_id: int, batch: _Batch) -> None:
        pause = 0.2
        while True:
            try:
                return await self._sends.mark(
                    broadcast_id,
                    batch.outcomes,
                    pause_seconds=batch.pause_seconds,
                    halt=batch.halt,
                )
            except Unavailable as error:
                outage.meet("the outcomes of a broadcast", error)
                await self._sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except CoreError as error:
                log.error("%d sends stay unclear: %s", len(batch.outcomes), error)
                return None
