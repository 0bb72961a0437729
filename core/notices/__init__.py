"""What the bot tells people outside of any dialogue: letters of the operators, finished exports.

A notice is put by an SQL function, in the transaction of what it tells of:
`perform public._put_notice(user_id, kind, content, source_key)`. It goes out once for each source
key, within the budget of what is said unasked, and waits for people who have blocked the bot. Its
words are made by `bot/delivery/notice_letters.py` as it is sent: a new kind is a new case there.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.database import Database

LEASE_SECONDS = 120
"""Longer than any send takes: leases of notices are not renewed."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`content` is what the kind says of itself. `chat_id` is 0 for a person without a Telegram
    account, `timezone` None while not told. `attempt` counts from 1, `unclear` those attempts that
    may have reached the person although Telegram's answer was lost."""

    id: int
    lease: str
    attempt: int
    unclear: int
    user_id: str
    chat_id: int
    language: str
    timezone: str | None
    kind: str
    content: Mapping[str, Any]


class Notices:
    """`postpone` and `fail` raise `LeaseLost` when somebody else has taken the notice over."""

    def __init__(self, db: Database, *, per_second: int) -> None:
        """`per_second` is what all processes together may say unasked."""
        self._db = db
        self._per_second = per_second

    async def claim(self, limit: int) -> tuple[list[Notice], bool]:
        """The next ones, for each person only the oldest; and whether to look again soon."""
        row = await self._db.call(
            "claim_notices",
            limit=limit,
            lease_seconds=LEASE_SECONDS,
            per_second=self._per_second,
        )
        return [_notice(item) for item in row["notices"]], row["more"]

    def wakes(self) -> AsyncIterator[str]:
        """Something for each notice that was put."""
        return self._db.notifications("notices")

    async def delivered(self, notice: Notice, telegram_message_id: int) -> None:
        await self._db.call("mark_notice", id=notice.id, receipt=telegram_message_id)

    async def postpone(self, notice: Notice, seconds: float, reason: str) -> None:
        """Give it back for so long; `flood` stops all that is said unasked."""
        await self._db.call(
            "postpone_notice",
            id=notice.id,
            lease=notice.lease,
            seconds=math.ceil(seconds),
            failure=reason,
        )

    async def fail(self, notice: Notice, reason: str) -> None:
        """`blocked` is sent again when the person comes back; any other reason is final."""
        await self._db.call("fail_notice", id=notice.id, lease=notice.lease, failure=reason)


def _notice(row: dict[str, Any]) -> Notice:
    return Notice(
        id=row["id"],
        lease=row["lease"],
        attempt=row["attempt"],
        unclear=row["unclear"],
        user_id=row["user_id"],
        chat_id=row["chat_id"] or 0,
        language=row["language"],
        timezone=row["timezone"],
        kind=row["kind"],
        content=row["content"],
    )
