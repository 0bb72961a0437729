"""How much waits in the database, as figures for Prometheus; every process tells the same."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import CoreError, Queues

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
PATIENCE_SECONDS = 3.0


class QueueMetrics(Collector):
    """Asked for when somebody looks, at most every `FRESH_SECONDS`. What can't be asked is left
    out, rather than told as it once was."""

    def __init__(self) -> None:
        self.ask: Callable[[], Awaitable[Queues]] | None = None
        self._known: Queues | None = None
        self._known_at = 0.0
        self._asking = asyncio.Lock()

    async def refresh(self) -> None:
        """Does not raise."""
        async with self._asking:
            if self.ask is None or time.monotonic() - self._known_at < FRESH_SECONDS:
                return
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    self._known = await self.ask()
            except (CoreError, TimeoutError) as error:
                log.debug("the queues can't be counted: %s", error)
                self._known = None
            self._known_at = time.monotonic()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        if self.ask is None:
            return
        known = self._known
        up = GaugeMetricFamily("vision_database_up", "Whether the database answers")
        up.add_metric([], known is not None)
        yield up
        if known is None:
            return
        yield _by_state(
            "vision_queue_turns",
            "Turns in the queue",
            waiting=known.turns_waiting,
            running=known.turns_running,
            failed=known.turns_failed,
        )
        yield _by_state(
            "vision_queue_deliveries",
            "Deliveries on their way",
            waiting=known.deliveries_waiting,
            unasked=known.deliveries_unasked,
        )
        yield _by_state(
            "vision_queue_updates",
            "Updates kept to be handled, or given up",
            waiting=known.updates_waiting,
            failed=known.updates_failed,
        )
        age = GaugeMetricFamily(
            "vision_queue_age_seconds", "How long the oldest has waited", labels=["queue"]
        )
        age.add_metric(["turns"], known.turns_oldest_seconds)
        age.add_metric(["deliveries"], known.deliveries_oldest_seconds)
        yield age


def _by_state(name: str, told: str, **counts: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family
