"""What people do with all that is theirs: take it along, or have it forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.database import Database

EXPORT_PAUSE_MINUTES = 60
ERASE_DAYS = 7
"""How long one may change one's mind."""
OFFER_MINUTES = 15
"""After that the button that confirms is an old one."""


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """`queued` by this update, `running` since an earlier one, or `too_soon`: again at `until`."""

    state: Literal["queued", "running", "too_soon"]
    until: datetime | None


class OwnData:
    """Open to everybody but those who are blocked: guests, and who is leaving, too."""

    def __init__(self, db: Database, wake: Callable[[], None] = lambda: None) -> None:
        """`wake` tells the workers of this process that there is something to do."""
        self._db = db
        self._wake = wake

    async def ask_export(
        self, user_id: str, *, chat_id: int, thread_id: int | None, source_key: str
    ) -> ExportAsked:
        """Everything is gathered in the background and sent to the chat, which must be theirs.
        Raises `Conflict` (erasing) once it is being erased."""
        row = await self._db.call(
            "ask_export",
            user_id=user_id,
            chat_id=chat_id,
            thread_id=thread_id,
            source_key=source_key,
            pause_minutes=EXPORT_PAUSE_MINUTES,
        )
        if row["state"] == "queued":
            self._wake()
        until = row.get("until")
        return ExportAsked(row["state"], datetime.fromisoformat(until) if until else None)

    async def offer_erasure(self, user_id: str, nonce: str) -> datetime | None:
        """From now on `nonce` can confirm, and no earlier one. When they will be erased, if they
        are leaving already."""
        row = await self._db.call(
            "offer_erasure", user_id=user_id, nonce=nonce, minutes=OFFER_MINUTES
        )
        return datetime.fromisoformat(row["erase_at"]) if row["erase_at"] else None

    async def request_erasure(self, user_id: str, nonce: str) -> datetime:
        """When it will be done, in UTC; a repeat changes nothing. Raises `NotFound` for a nonce
        that is not the one offered last."""
        row = await self._db.call("request_erasure", user_id=user_id, nonce=nonce, days=ERASE_DAYS)
        return datetime.fromisoformat(row["erase_at"])

    async def cancel_erasure(self, user_id: str) -> bool:
        """Everything is as it was; false if there was nothing to take back. Raises `Conflict`
        (erasing) when it is too late."""
        row = await self._db.call("cancel_erasure", user_id=user_id)
        return row["kept"]

    async def keep_user(self, admin_id: str, user_id: str) -> bool:
        """An operator takes it back for them, see `cancel_erasure`; written into the log. Raises
        `Forbidden`, `NotFound` and `Conflict`."""
        row = await self._db.call("keep_user", admin_id=admin_id, user_id=user_id)
        return row["kept"]

    async def erase_user(self, admin_id: str, user_id: str, *, at_once: bool = False) -> datetime:
        """An operator does it for somebody who has asked for it; written into the admins' log.
        `at_once` leaves no time to change one's mind. When it begins, in UTC; never later than it
        was to begin already. Raises `Forbidden` and `NotFound`."""
        row = await self._db.call(
            "erase_user", admin_id=admin_id, user_id=user_id, days=0 if at_once else ERASE_DAYS
        )
        self._wake()
        return datetime.fromisoformat(row["erase_at"])
