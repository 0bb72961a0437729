"""Updates of the front end that could not be handled at once, kept whole until they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.database import Database

LEASE_SECONDS = 60


class Inbox:
    """`holder` names the process that is handling what it has kept or claimed: for a minute, unless
    it renews. Then any other may claim it, so handlers must be idempotent."""

    def __init__(self, db: Database, holder: str) -> None:
        self._db = db
        self._holder = holder

    async def keep(
        self,
        bot_id: int,
        update_id: int,
        payload: Mapping[str, Any],
        *,
        lane: str = "",
        error: str | None = None,
        failed: bool = False,
    ) -> None:
        """Once this returns, the update may be confirmed; it is ours to handle. Updates of one
        `lane` are claimed in order. `failed`: no more tries, for people."""
        await self._db.call(
            "keep_update",
            bot_id=bot_id,
            update_id=update_id,
            lane=lane,
            payload=payload,
            error=error,
            failed=failed,
            holder=self._holder,
            lease_seconds=LEASE_SECONDS,
        )

    async def claim(self, bot_id: int, limit: int = 100) -> list[dict[str, Any]]:
        """What nobody is handling: of every lane only the oldest."""
        row = await self._db.call(
            "claim_updates",
            bot_id=bot_id,
            holder=self._holder,
            limit=limit,
            lease_seconds=LEASE_SECONDS,
        )
        return row["updates"]

    async def renew(self, bot_id: int) -> Collection[int]:
        """Keep all that is ours for another minute; the ids of what is."""
        row = await self._db.call(
            "renew_updates", bot_id=bot_id, holder=self._holder, lease_seconds=LEASE_SECONDS
        )
        return frozenset(row["updates"])

    async def release(self, bot_id: int) -> None:
        """Leave what is ours to others, at once."""
        await self._db.call("release_updates", bot_id=bot_id, holder=self._holder)

    async def drop(self, bot_id: int, update_id: int) -> None:
        await self._db.call("drop_update", bot_id=bot_id, update_id=update_id)
