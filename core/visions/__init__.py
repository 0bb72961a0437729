"""Visions: the aims people walk towards. Every call checks in the database whose vision it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.database import Database
from core.dialogue.messages import Entry, read_entry
from core.limits import Limit, read_limit

Status = Literal["active", "frozen", "deleted"]
Change = Literal["active", "frozen", "deleted", "restored"]

TITLE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Card:
    """One vision as its owner sees it. `held` counts words that wait for it to be woken; of the
    `last` words no more than the beginning is there."""

    id: str
    title: str
    status: Status
    current: bool
    created_at: datetime
    messages: int
    held: int
    last: Entry | None


@dataclass(frozen=True, slots=True)
class Sent:
    """`count` messages went on; `left` still wait, because of `limit`."""

    count: int
    left: int
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    title: str
    status: Status
    current: bool


@dataclass(frozen=True, slots=True)
class Page:
    """`held_nowhere` counts words written while there was no vision to take them."""

    items: tuple[Item, ...]
    total: int
    held_nowhere: int


class Visions:
    """Raises `NotFound` for unknown and foreign ids alike, `Gone` for deleted visions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def create(self, user_id: str, title: str, source_key: str) -> tuple[Card, int]:
        """A new vision, made current, and how many held messages became its beginning.

        `source_key` names the update: a repeated one gets the same vision.
        """
        row = await self._db.call(
            "create_vision", user_id=user_id, title=title_of(title), source_key=source_key
        )
        return _card(row), row["sent"]

    async def rename(self, user_id: str, vision_id: str, title: str) -> Card:
        return _card(
            await self._db.call(
                "rename_vision", user_id=user_id, vision_id=vision_id, title=title_of(title)
            )
        )

    async def activate(self, user_id: str, vision_id: str) -> tuple[Card, int]:
        """Make it current; also says how many words were written while there was no vision."""
        row = await self._db.call("activate_vision", user_id=user_id, vision_id=vision_id)
        return _card(row), row["held_nowhere"]

    async def card(self, user_id: str, vision_id: str) -> Card:
        return _card(await self._db.call("get_vision", user_id=user_id, vision_id=vision_id))

    async def change(self, user_id: str, vision_id: str, to: Change) -> Card:
        """`restored` brings a deleted vision back to what it was."""
        return _card(
            await self._db.call(
                "set_vision_status", user_id=user_id, vision_id=vision_id, status=to
            )
        )

    async def freeze_current(
        self, user_id: str, *, source_key: str
    ) -> tuple[Literal["frozen", "already", "none"], Card | None]:
        """The vision that was current when this update first came; a repeat changes nothing."""
        row = await self._db.call("freeze_current", user_id=user_id, source_key=source_key)
        return row["state"], _card(row["card"]) if "card" in row else None

    async def send_held(
        self, user_id: str, vision_id: str, source: Literal["vision", "nowhere"]
    ) -> Sent:
        """Words held for this (woken) vision, or for want of any, become its next messages. Those
        that met a limit do so as far as there is room by now."""
        row = await self._db.call(
            "send_held", user_id=user_id, vision_id=vision_id, **{"from": source}
        )
        limit = row["limit"]
        return Sent(row["sent"], row["left"], read_limit(limit) if limit else None)

    async def page(self, user_id: str, offset: int, limit: int) -> Page:
        row = await self._db.call("list_visions", user_id=user_id, offset=offset, limit=limit)
        return Page(
            items=tuple(Item(**item) for item in row["items"]),
            total=row["total"],
            held_nowhere=row["held_nowhere"],
        )


def title_of(words: str) -> str:
    """One line of at most `TITLE_LIMIT` visible characters."""
    line = " ".join(words.split())
    return line if len(line) <= TITLE_LIMIT else line[: TITLE_LIMIT - 1].rstrip() + "…"


def _card(row: dict[str, Any]) -> Card:
    last = row["last"]
    return Card(
        id=row["id"],
        title=row["title"],
        status=row["status"],
        current=row["current"],
        created_at=datetime.fromisoformat(row["created_at"]),
        messages=row["messages"],
        held=row["held"],
        last=read_entry(last) if last else None,
    )
