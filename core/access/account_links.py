"""Links that bind a Telegram account to a user of the operator's own system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.database import Database


@dataclass(frozen=True, slots=True)
class Opened:
    """What would be moved to that user. `bound`: it is this person's already."""

    state: Literal["ready", "bound"]
    visions: int
    messages: int


class AccountLinks:
    """Raises `NotFound` and `Conflict` named `link_unknown`, `link_used`, `link_expired`,
    `link_closed` (that user may not come in), `bound_elsewhere` (this account has another user of
    the operator's) or `link_shared` (an admin by the settings would share their rights with another
    account of that user); `Forbidden` for who is blocked or leaves."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def open(self, user_id: str, code: str) -> Opened:
        """Changes nothing."""
        row = await self._db.call("open_account_link", current_user_id=user_id, code=code)
        return Opened(row["state"], row["visions"], row["messages"])

    async def accept(self, user_id: str, code: str) -> str:
        """The id that the person has from now on; `user_id` stands for nobody any more."""
        row = await self._db.call("accept_account_link", current_user_id=user_id, code=code)
        return row["user_id"]
