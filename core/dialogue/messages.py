"""What people say: taken in without loss, changed, read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.database import Database
from core.dialogue.turns import Turns
from core.limits import Limit, Over, read_limit, read_over


@dataclass(frozen=True, slots=True)
class Received:
    """`stored`: the turn is on its way. `frozen` and `no_vision`: held until the person decides.
    `limited`: it met a limit, `over` says which."""

    state: Literal["stored", "frozen", "no_vision", "limited"]
    duplicate: bool
    vision_id: str | None
    title: str | None
    over: Over | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as the history shows it; (`anchor`, `part`) is its place in the dialogue.

    `files` counts what was attached to it; see `Attachments.of_message`.
    """

    id: int
    anchor: int
    part: int
    sender: Literal["user", "assistant"]
    type: str
    content: str
    payload: Mapping[str, Any]
    files: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    title: str
    entries: tuple[Entry, ...]
    more: bool


class Dialogue:
    def __init__(self, db: Database, turns: Turns) -> None:
        self._db = db
        self._turns = turns

    async def receive(
        self,
        user_id: str,
        *,
        source_key: str,
        content: str,
        type: str = "text",
        payload: Mapping[str, Any] | None = None,
        origin: Mapping[str, Any] | None = None,
        delay_ms: int = 0,
    ) -> Received:
        """Keep a message for the current vision and let its turn begin.

        A message with files has `payload["files"]`, a list of what the front end knows of each
        (see `core.dialogue.incoming`), and its `content` is made from them. Items of one album
        come one by one with the same `origin["key"]` and become one message.

        `source_key` names the update: a repeated one is stored once. `origin` is the front end's
        receipt: `key` names the message there, `thread_id` where the answer belongs. `delay_ms`
        gives the rest of a bunch time to arrive before the turn begins.
        """
        row = await self._db.call(
            "receive_message",
            user_id=user_id,
            source_key=source_key,
            type=type,
            content=_storable(content),
            payload=payload or {},
            origin=origin,
            delay_ms=delay_ms,
        )
        if row["state"] == "stored" and not row["duplicate"]:
            self._turns.received(row["vision_id"], row["message_id"], delay_ms / 1000)
        return Received(
            state=row["state"],
            duplicate=row["duplicate"],
            vision_id=row["vision_id"],
            title=row.get("title"),
            over=read_over(row) if row["state"] == "limited" else None,
        )

    async def edit(
        self,
        user_id: str,
        origin_key: str,
        content: str,
        type: str = "text",
        payload: Mapping[str, Any] | None = None,
    ) -> Literal["unanswered", "answered", "held", "same", "frozen", "new_file", "unknown"]:
        """The person changed their message; the old words stay as a revision.

        `content`, `type` and `payload` are those of the message as it is now, see `receive`.
        `new_file`: another file took the place of one that was answered; nothing is changed, it
        is to be received as a message of its own.
        """
        row = await self._db.call(
            "edit_message",
            user_id=user_id,
            origin_key=origin_key,
            type=type,
            content=_storable(content),
            payload=payload or {},
        )
        if row["state"] == "unanswered":
            self._turns.edited(row["vision_id"], row["message_id"])
        return row["state"]

    async def retry(
        self, user_id: str, vision_id: str
    ) -> Literal["queued", "running", "answered"] | Limit:
        """What stands against it, if something does."""
        row = await self._db.call("retry_turn", user_id=user_id, vision_id=vision_id)
        if row["state"] == "queued":
            self._turns.wake()
        return read_limit(row) if row["state"] == "limited" else row["state"]

    async def stop(self, user_id: str, draft_id: int | None = None) -> bool:
        """Stop the answer under this draft, or all of the person's. True if there was one."""
        row = await self._db.call("stop_turns", user_id=user_id, draft_id=draft_id)
        for lease in row["leases"]:
            self._turns.stop(lease)
        return bool(row["leases"])

    async def history(
        self,
        user_id: str,
        vision_id: str,
        *,
        before: tuple[int, int] | None = None,
        limit: int = 20,
    ) -> History:
        """The last messages before a place in the dialogue, oldest first."""
        anchor, part = before or (None, None)
        row = await self._db.call(
            "get_history",
            user_id=user_id,
            vision_id=vision_id,
            before_anchor=anchor,
            before_part=part,
            limit=limit,
        )
        return History(
            title=row["title"], entries=tuple(map(read_entry, row["items"])), more=row["more"]
        )

    async def read(
        self, user_id: str, vision_id: str, *, after: tuple[int, int] = (0, 0), limit: int = 200
    ) -> tuple[Entry, ...]:
        """The dialogue from its beginning, in portions."""
        row = await self._db.call(
            "read_dialogue",
            user_id=user_id,
            vision_id=vision_id,
            after_anchor=after[0],
            after_part=after[1],
            limit=limit,
        )
        return tuple(map(read_entry, row["items"]))


def _storable(text: str) -> str:
    """PostgreSQL has no NUL character and no lone surrogates in text."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def read_entry(row: dict[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        anchor=row["anchor"],
        part=row["part"],
        sender=row["sender"],
        type=row["type"],
        content=row["content"],
        payload=row["payload"],
        files=row["files"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )
