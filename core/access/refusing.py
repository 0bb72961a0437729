"""What those who may not come in are told, and how often."""

from __future__ import annotations

from core.database import Database


class Refusing:
    """Says whether this update is the one that brings the word; a repeat of it is so again."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def tell_blocked(self, user_id: str, source_key: str) -> bool:
        """Once, whatever else they write."""
        row = await self._db.call("tell_blocked", user_id=user_id, source_key=source_key)
        return row["first"]

    async def tell_closed(self, user_id: str, source_key: str, pause_seconds: int) -> bool:
        """Once in so many seconds."""
        row = await self._db.call(
            "tell_closed", user_id=user_id, source_key=source_key, pause_seconds=pause_seconds
        )
        return row["first"]
