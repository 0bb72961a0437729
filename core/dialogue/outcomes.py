"""What became of a turn, kept in the database however long it takes to come back."""

from __future__ import annotations

import logging
from typing import Any

from core.database import Database
from core.database.patience import patiently
from core.dialogue.deliveries import LEASE_SECONDS, read_delivery
from core.dialogue.delivery import Delivery
from core.dialogue.turn import Turn
from core.errors import CoreError

log = logging.getLogger(__name__)

DELIVER_SECONDS = LEASE_SECONDS
"""How long the answer is this process's to send, unless it renews."""


class Outcomes:
    """The deliveries returned are this process's to make. `complete` and `fail` raise `LeaseLost`
    where another worker has the turn, `Gone` where its vision is deleted."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def complete(self, turn: Turn, parts: list[dict[str, Any]]) -> list[Delivery]:
        return await self._persist(
            "complete_turn",
            vision_id=turn.vision_id,
            lease=turn.lease,
            upto=turn.upto,
            thread_id=turn.thread_id,
            parts={"items": parts},
            deliver_seconds=DELIVER_SECONDS,
        )

    async def fail(self, turn: Turn, told: str) -> list[Delivery]:
        """The messages stay unanswered; `told` names the notice that the person gets."""
        return await self._persist(
            "fail_turn",
            vision_id=turn.vision_id,
            lease=turn.lease,
            thread_id=turn.thread_id,
            payload={"notice": told},
            deliver_seconds=DELIVER_SECONDS,
        )

    async def release(self, turn: Turn) -> None:
        """For another worker, at once. Does not raise."""
        try:
            await self._db.call("release_turn", vision_id=turn.vision_id, lease=turn.lease)
        except CoreError as error:
            # The lease runs out by itself.
            log.info("turn of vision %s was not given back: %s", turn.vision_id, error)

    async def _persist(self, function: str, **arguments: Any) -> list[Delivery]:
        row = await patiently(function, lambda: self._db.call(function, **arguments))
        return list(map(read_delivery, row["deliveries"]))
