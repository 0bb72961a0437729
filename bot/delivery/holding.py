"""Deliveries that this process is at work on: their leases are kept while it lives."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Generator
from contextlib import contextmanager

from core import CoreError, Deliveries, Delivery

log = logging.getLogger(__name__)

RENEW_SECONDS = 8.0
AGAIN_SECONDS = 1.0
SURE_SECONDS = 22.0
"""Of the half minute that a lease lasts; after that somebody else may be sending."""


class Holding:
    def __init__(self, deliveries: Deliveries, renew_seconds: float = RENEW_SECONDS) -> None:
        self._deliveries = deliveries
        self._renew_seconds = renew_seconds
        self._held: dict[int, tuple[Delivery, float]] = {}

    @contextmanager
    def hold(self, deliveries: Collection[Delivery]) -> Generator[None]:
        now = time.monotonic()
        for delivery in deliveries:
            self._held[delivery.id] = delivery, now
        try:
            yield
        finally:
            for delivery in deliveries:
                self._held.pop(delivery.id, None)

    def is_sure(self, delivery: Delivery) -> bool:
        """Whether the lease is certainly ours still."""
        known = self._held.get(delivery.id)
        return known is not None and time.monotonic() - known[1] < SURE_SECONDS

    async def keep(self) -> None:
        """Renew what is held, until cancelled; after a failure at once when it is possible."""
        pause = self._renew_seconds
        while True:
            await asyncio.sleep(pause)
            try:
                await self.renew()
                pause = self._renew_seconds
            except CoreError as error:
                log.warning("leases of deliveries were not renewed: %s", error)
                pause = min(AGAIN_SECONDS, self._renew_seconds)

    async def renew(self) -> None:
        """Raises what the database does."""
        held = [delivery for delivery, _ in self._held.values()]
        if not held:
            return
        now = time.monotonic()
        ours = await self._deliveries.renew(held)
        for delivery in held:
            if delivery.id in self._held and delivery.id in ours:
                self._held[delivery.id] = delivery, now
