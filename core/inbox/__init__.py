"""Updates of the front end that could not be handled at once, kept whole until they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from core.database import Database

LEASE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Claimed:
    """`elsewhere`: lanes in which others hold updates, or more of them wait."""

    updates: list[dict[str, Any]]
    elsewhere: Collection[str]


class Inbox:
    """`holder` names the process that is handling what it has kept or claimed: for half a minute,
    unless it renews. Then any other may claim it, so handlers must be idempotent.

    Updates of one lane are claimed in order.
    """

    def __init__(self, db: Database, holder: str) -> None:
        self._db = db
        self._holder = holder

    @property
    def notifies(self) -> bool:
        """Whether `heard` ever gives anything; without it, others learn of it when they claim."""
        return self._db.notifies

    async def keep(
        self, bot_id: int, update_id: int, payload: Mapping[str, Any], *, lane: str
    ) -> None:
        """Once this returns, the update may be confirmed; it is ours to handle."""
        await self._write(bot_id, update_id, payload, lane, LEASE_SECONDS)

    async def leave(
        self, bot_id: int, update_id: int, payload: Mapping[str, Any], *, lane: str
    ) -> None:
        """As `keep`, but it is nobody's: whoever claims the lane's earlier ones handles it too."""
        await self._write(bot_id, update_id, payload, lane, 0)

    async def write_off(
        self, bot_id: int, update_id: int, payload: Mapping[str, Any], *, lane: str, error: str
    ) -> None:
        """No more tries: it stays for people to look at."""
        await self._write(bot_id, update_id, payload, lane, LEASE_SECONDS, error, failed=True)

    async def claim(self, bot_id: int, limit: int = 100) -> Claimed:
        """What nobody is handling: of every lane only the oldest."""
        row = await self._db.call(
            "claim_updates",
            bot_id=bot_id,
            holder=self._holder,
            limit=limit,
            lease_seconds=LEASE_SECONDS,
        )
        return Claimed(row["updates"], frozenset(row["elsewhere"]))

    async def renew(self, bot_id: int, update_ids: Collection[int]) -> Collection[int]:
        """Keep these for as long again, as far as they are ours; the ids of what is."""
        row = await self._db.call(
            "renew_updates",
            bot_id=bot_id,
            holder=self._holder,
            updates=list(map(str, update_ids)),
            lease_seconds=LEASE_SECONDS,
        )
        return frozenset(row["updates"])

    async def release(self, bot_id: int) -> None:
        """Leave what is ours to others, at once."""
        await self._db.call("release_updates", bot_id=bot_id, holder=self._holder)

    async def drop(self, bot_id: int, update_id: int) -> None:
        """It has been handled, whoever holds it."""
        await self._db.call("drop_update", bot_id=bot_id, update_id=update_id)

    async def heard(self, bot_id: int) -> AsyncIterator[str]:
        """Lanes in which another process has just written something down; empty when it has left
        what it had to the others. For ever, best effort."""
        async for payload in self._db.notifications("updates"):
            said = orjson.loads(payload)
            if said["bot"] == bot_id and said["holder"] != self._holder:
                yield said.get("lane", "")

    async def _write(
        self,
        bot_id: int,
        update_id: int,
        payload: Mapping[str, Any],
        lane: str,
        lease_seconds: int,
        error: str | None = None,
        *,
        failed: bool = False,
    ) -> None:
        await self._db.call(
            "keep_update",
            bot_id=bot_id,
            update_id=update_id,
            lane=lane,
            payload=_storable(payload),
            error=error and error.replace("\x00", ""),
            failed=failed,
            holder=self._holder,
            lease_seconds=lease_seconds,
        )


def _storable(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """PostgreSQL has no NUL character in text."""
    return orjson.loads(orjson.dumps(payload).replace(b"\\u0000", b"\\ufffd"))
