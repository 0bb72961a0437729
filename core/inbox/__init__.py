"""Updates of the front end that could not be handled at once, kept whole until they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.database import Database


class Inbox:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def keep(
        self,
        bot_id: int,
        update_id: int,
        payload: Mapping[str, Any],
        *,
        error: str | None = None,
        failed: bool = False,
    ) -> None:
        """Once this returns, the update may be confirmed. `failed`: no more tries, for people."""
        await self._db.call(
            "keep_update",
            bot_id=bot_id,
            update_id=update_id,
            payload=payload,
            error=error,
            failed=failed,
        )

    async def kept(self, bot_id: int, after: int, limit: int = 100) -> list[dict[str, Any]]:
        """The next page of updates that still have to be handled, behind the update `after`."""
        row = await self._db.call("list_kept_updates", bot_id=bot_id, after=after, limit=limit)
        return row["updates"]

    async def drop(self, bot_id: int, update_id: int) -> None:
        await self._db.call("drop_update", bot_id=bot_id, update_id=update_id)
