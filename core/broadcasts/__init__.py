"""Broadcasts: an admin's message to many people. The database checks that an admin asks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.access import Level
from core.broadcasts.content import BroadcastContent, Kind
from core.database import Database

Status = Literal["draft", "sending", "paused", "stopped", "finished"]
Change = Literal["sending", "paused", "stopped"]
State = Literal["waiting", "sending", "sent", "blocked", "skipped", "failed", "unclear"]

ALBUM_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody, or those who were seen in the last 7 or 30 `days`, speak a `language`, stand at a
    `level`. People who blocked the bot, are blocked or are leaving never belong to one."""

    days: Literal[7, 30] | None = None
    language: Literal["ru", "en"] | None = None
    level: Level | None = None

    def row(self) -> dict[str, Any]:
        named = {"days": self.days, "language": self.language, "level": self.level}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`own`: the admin who asks made it. `people` are its recipients, of a draft those whom its
    audience names now. `counts` has no states without people. `halted`: paused because Telegram
    took the message from nobody. Times are UTC."""

    id: int
    own: bool
    status: Status
    halted: bool
    kind: Kind
    audience: Audience | None
    people: int
    counts: Mapping[State, int]
    started_at: datetime | None
    ended_at: datetime | None

    def count(self, *states: State) -> int:
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def done(self) -> int:
        """People whose turn is over, whatever came of it."""
        return self.count("sent", "blocked", "skipped", "failed", "unclear")

    @property
    def running(self) -> bool:
        return self.status in ("sending", "paused")


class Broadcasts:
    """Raises `Forbidden` for anybody but an admin, `NotFound` for another admin's draft."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def draft(self, admin_id: str, content: BroadcastContent, source_key: str) -> Broadcast:
        """In place of the admin's draft before. `source_key` names the update: a repeated one gets
        the same draft. Raises `NotFound` when another has taken its place meanwhile."""
        row = await self._db.call(
            "draft_broadcast", admin_id=admin_id, content=content.row(), source_key=source_key
        )
        return read_broadcast(row)

    async def drop(self, admin_id: str, broadcast_id: int) -> bool:
        """A draft that is not to be sent. False where there is none: anything else stays."""
        row = await self._db.call("drop_broadcast", admin_id=admin_id, id=broadcast_id)
        return row["dropped"]

    async def choose(self, admin_id: str, broadcast_id: int, audience: Audience) -> Broadcast:
        """The draft with as many `people` as it would go to now; what is no draft stays."""
        row = await self._db.call(
            "set_broadcast_audience", admin_id=admin_id, id=broadcast_id, audience=audience.row()
        )
        return read_broadcast(row)

    async def confirm(self, admin_id: str, broadcast_id: int) -> Broadcast:
        """It goes out from now on; confirmed twice it goes out once. Raises `Conflict`:
        `no_audience` was chosen, or it names `nobody` any more."""
        row = await self._db.call("confirm_broadcast", admin_id=admin_id, id=broadcast_id)
        return read_broadcast(row)

    async def change(self, admin_id: str, broadcast_id: int, to: Change) -> tuple[Broadcast, bool]:
        """Pause, resume or stop it for good; False where that changes nothing."""
        row = await self._db.call("change_broadcast", admin_id=admin_id, id=broadcast_id, to=to)
        return read_broadcast(row), row["changed"]

    async def get(self, admin_id: str, broadcast_id: int) -> Broadcast:
        return read_broadcast(
            await self._db.call("get_broadcast", admin_id=admin_id, id=broadcast_id)
        )

    async def list(
        self, admin_id: str, offset: int = 0, limit: int = 20
    ) -> tuple[list[Broadcast], int]:
        """What is under way, then what has ended, newest first; and how many there are."""
        row = await self._db.call("list_broadcasts", admin_id=admin_id, offset=offset, limit=limit)
        return [read_broadcast(item) for item in row["items"]], row["total"]

    async def watch(self, admin_id: str, broadcast_id: int, chat_id: int, message_id: int) -> None:
        """Keep this message, in the admin's own chat, up to date until the end."""
        await self._db.call(
            "watch_broadcast",
            admin_id=admin_id,
            id=broadcast_id,
            chat_id=chat_id,
            message_id=message_id,
        )

    async def is_first_of(self, album: str) -> bool:
        """Of the messages of one album, which come as updates of their own."""
        row = await self._db.call(
            "take_lock",
            name=f"broadcast album:{album}",
            holder=secrets.token_hex(16),
            seconds=ALBUM_SECONDS,
        )
        return row["held"]


def read_broadcast(row: Mapping[str, Any]) -> Broadcast:
    return Broadcast(
        id=row["id"],
        own=row["own"] or False,
        status=row["status"],
        halted=row["halted"],
        kind=row["kind"],
        audience=Audience(**row["audience"]) if row["audience"] is not None else None,
        people=row["people"],
        counts=row["counts"],
        started_at=_time(row["started_at"]),
        ended_at=_time(row["ended_at"]),
    )


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
