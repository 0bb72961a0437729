"""What became of a delivery, told to the database."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.delivery.telling import tell_of
from core import CoreError, Deliveries, Delivery, Unavailable

log = logging.getLogger(__name__)

PAUSES = (0.2, 0.5, 1, 2, 4, 8, 8)
"""A piece that was sent but is not recorded will be sent twice: worth waiting for the database."""


class Keeping:
    def __init__(self, deliveries: Deliveries, sleep: Callable[[float], Awaitable[object]]) -> None:
        self._deliveries = deliveries
        self._sleep = sleep

    async def persist(self, step: Callable[[], Awaitable[None]]) -> None:
        for pause in PAUSES:
            try:
                return await step()
            except Unavailable:
                await self._sleep(pause)
        return await step()

    async def give_back(self, delivery: Delivery, seconds: float, reason: str) -> None:
        tell_of(delivery, "postponed", reason, 0.0)
        await self.quietly(self._deliveries.postpone(delivery, seconds, reason))

    async def give_up(self, delivery: Delivery, reason: str) -> None:
        tell_of(delivery, "failed", reason, 0.0)
        await self.quietly(self._deliveries.fail(delivery, reason))

    async def quietly(self, step: Awaitable[None]) -> None:
        """If this is not kept, the lease runs out and somebody tries again."""
        try:
            await step
        except CoreError as error:
            log.info("a step of a delivery is not kept: %s", error)
