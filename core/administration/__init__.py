"""What admins see of people and do about them, and the log of what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.access import Level
from core.administration.people import (
    LIMITS,
    FoundPeople,
    LimitName,
    PersonCard,
    PersonLine,
    Spent,
    person_ref,
    read_card,
    read_line,
)
from core.database import Database

__all__ = [
    "LETTER_CHARACTERS",
    "LIMITS",
    "Act",
    "ActsPage",
    "Administration",
    "FoundPeople",
    "LimitName",
    "PersonCard",
    "PersonLine",
    "Spent",
    "Written",
    "person_ref",
]

LETTER_CHARACTERS = 3500
ONCE_SECONDS = 7 * 86400.0
"""How long a button remembers that it was pressed."""


@dataclass(frozen=True, slots=True)
class Written:
    """A repeat of the same letter is not `new`. Who is not `reachable` gets it when they unblock
    the bot."""

    new: bool
    reachable: bool


@dataclass(frozen=True, slots=True)
class Act:
    """`admin` and `user` are their names today, None for the command line and who is gone."""

    id: int
    admin_id: str
    admin: str | None
    act: str
    user_id: str | None
    user: str | None
    details: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ActsPage:
    items: tuple[Act, ...]
    total: int


class Administration:
    """`admin_id` is the user_id of an admin, or `console:<name>` for the command line; for anybody
    else every call raises `Forbidden` not_admin. Unknown people raise `NotFound`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(
        self,
        admin_id: str,
        query: str = "",
        *,
        order: Literal["seen", "new"] = "seen",
        offset: int = 0,
        limit: int = 10,
    ) -> FoundPeople:
        """Everybody, or those found by a part of a name or @username, or by a whole Telegram id or
        user_id."""
        row = await self._db.call(
            "find_users", admin_id=admin_id, query=query, order=order, offset=offset, limit=limit
        )
        return FoundPeople(tuple(map(read_line, row["items"])), row["total"])

    async def resolve(self, admin_id: str, name: str) -> str:
        """The user_id of a user_id, a Telegram id, a @username or `#<ref>`. Raises `Conflict`
        user_ambiguous where several people have it."""
        row = await self._db.call("resolve_user", admin_id=admin_id, name=name)
        return row["user_id"]

    async def card(self, admin_id: str, user_id: str) -> PersonCard:
        return read_card(await self._db.call("user_card", admin_id=admin_id, user_id=user_id))

    async def set_level(self, admin_id: str, user_id: str, level: Level | None) -> bool:
        """None is what the access mode makes of a newcomer. False if it was so already.

        Blocking stops answers and whatever is on its way to the person; unblocking lets it go on.
        Raises `Conflict` admin_by_settings or yourself.
        """
        row = await self._db.call("set_level", admin_id=admin_id, user_id=user_id, level=level)
        return row["changed"]

    async def unblock(self, admin_id: str, user_id: str) -> bool:
        """Back to what they were; a former admin is a member. False if nobody blocked them."""
        card = await self.card(admin_id, user_id)
        if card.line.given != "blocked":
            return False
        return await self.set_level(admin_id, user_id, card.level_before)

    async def set_limits(
        self, admin_id: str, user_id: str, limits: Mapping[LimitName, int | None]
    ) -> bool:
        """Only the given ones change: 0 is no bound, None what the level has. False if it was so
        already. Raises `Conflict` bad_limit."""
        row = await self._db.call(
            "set_limits",
            admin_id=admin_id,
            user_id=user_id,
            limits={str(name): value for name, value in limits.items()},
        )
        return row["changed"]

    async def write_to(self, admin_id: str, user_id: str, text: str, source_key: str) -> Written:
        """A letter of the operators as plain text, once for each `source_key`. Raises `Conflict`
        user_blocked, letter_empty or letter_too_long (over LETTER_CHARACTERS)."""
        row = await self._db.call(
            "write_to", admin_id=admin_id, user_id=user_id, text=text, source_key=source_key
        )
        return Written(row["new"], row["reachable"])

    async def first(self, name: str, holder: str) -> bool:
        """Whether `holder` is the first to do what is done once; a repeat of it is so again."""
        row = await self._db.call(
            "take_lock", name=f"admin:{name}", holder=holder, seconds=ONCE_SECONDS
        )
        return row["held"]

    async def log(self, admin_id: str, offset: int, limit: int) -> ActsPage:
        """The newest first."""
        row = await self._db.call("read_admin_log", admin_id=admin_id, offset=offset, limit=limit)
        return ActsPage(tuple(map(_act, row["items"])), row["total"])


def _act(row: dict[str, Any]) -> Act:
    return Act(
        id=row["id"],
        admin_id=row["admin_id"],
        admin=row["admin"],
        act=row["act"],
        user_id=row["user_id"],
        user=row["user"],
        details=row["details"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )
