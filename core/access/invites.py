"""Invites: links that make members of those who open them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.database import Database

Welcome = Literal["welcome", "already_member"]


@dataclass(frozen=True, slots=True)
class Invite:
    """`used` of `uses` places are taken; it can be used until `expires_at`, in UTC."""

    id: int
    note: str
    uses: int
    used: int
    expires_at: datetime
    created_at: datetime
    revoked: bool


@dataclass(frozen=True, slots=True)
class InvitesPage:
    items: tuple[Invite, ...]
    total: int


@dataclass(frozen=True, slots=True)
class HeldOver:
    """Messages over a limit, held for a vision or, without one, for the next."""

    count: int
    vision_id: str | None
    frozen: bool


@dataclass(frozen=True, slots=True)
class Taste:
    """`left` of what a guest may say in all, None for who is no guest."""

    left: int | None
    held: HeldOver | None


class Invites:
    """What admins do raises `Forbidden` for everybody else."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def make(self, admin_id: str, *, uses: int, hours: int, note: str) -> tuple[Invite, str]:
        """The invite and its code, which is told this once. Not idempotent: called twice, it makes
        two. Raises `Conflict` for numbers out of bounds."""
        row = await self._db.call(
            "make_invite", admin_id=admin_id, uses=uses, hours=hours, note=note
        )
        return _invite(row), row["code"]

    async def page(self, admin_id: str, offset: int, limit: int) -> InvitesPage:
        """The newest first."""
        row = await self._db.call("list_invites", admin_id=admin_id, offset=offset, limit=limit)
        return InvitesPage(tuple(map(_invite, row["items"])), row["total"])

    async def revoke(self, admin_id: str, invite_id: int) -> Invite:
        """Nobody more comes by it; whoever came stays. Raises `NotFound`."""
        return _invite(await self._db.call("revoke_invite", admin_id=admin_id, invite_id=invite_id))

    async def use(self, user_id: str, code: str, source_key: str) -> Welcome:
        """`source_key` names the update: a repeat is welcomed again.

        Raises `NotFound` and `Conflict` named `invite_unknown`, `invite_revoked`, `invite_expired`,
        `invite_used_up` or `invite_used_before`; `Forbidden` for who is blocked or leaves.
        """
        row = await self._db.call("use_invite", user_id=user_id, code=code, source_key=source_key)
        return row["state"]

    async def taste(self, user_id: str) -> Taste:
        row = await self._db.call("get_taste", user_id=user_id)
        held = row["held"]
        return Taste(
            row["left"],
            HeldOver(held["count"], held["vision_id"], bool(held["frozen"])) if held else None,
        )


def _invite(row: dict[str, Any]) -> Invite:
    return Invite(
        id=row["invite_id"],
        note=row["note"],
        uses=row["uses"],
        used=row["used"],
        expires_at=datetime.fromisoformat(row["expires_at"]),
        created_at=datetime.fromisoformat(row["created_at"]),
        revoked=row["revoked"],
    )
