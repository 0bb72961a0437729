"""The sends of broadcasts, as workers take them, and what all of it looks like meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.broadcasts import Broadcast, read_broadcast
from core.broadcasts.content import BroadcastContent, read_content
from core.database import Database

LEASE_SECONDS = 60
"""Longer than any send takes. After it nobody but who holds it can tell what became of a send."""

TENDING_SECONDS = 15


@dataclass(frozen=True, slots=True)
class BroadcastSend:
    """One person's turn, begun already: it is sent now or never."""

    broadcast_id: int
    lease: str
    user_id: str
    chat_id: int


@dataclass(frozen=True, slots=True)
class BroadcastOutcome:
    """`waiting`: it has certainly not arrived and may be tried again. `failure` is a short machine
    word."""

    state: Literal["waiting", "sent", "blocked", "failed", "unclear"]
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimedSends:
    """`open`: broadcasts are under way or their end has not been told, so look again soon."""

    sends: tuple[BroadcastSend, ...]
    content: BroadcastContent | None
    open: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """A message in which an admin watches a broadcast."""

    chat_id: int
    message_id: int
    language: str


@dataclass(frozen=True, slots=True)
class Tended:
    """`settled`: it has ended and nothing of it is being sent any more."""

    broadcast: Broadcast
    settled: bool
    screens: tuple[Screen, ...]


class BroadcastSends:
    """For workers: nobody's rights are asked for."""

    def __init__(self, db: Database, *, worker: str, per_second: int) -> None:
        """`per_second` is what all processes together may say unasked."""
        self._db = db
        self._worker = worker
        self._per_second = per_second
        self._holder = f"{worker}:{secrets.token_hex(4)}"

    async def claim(self, limit: int) -> ClaimedSends:
        """As many as Telegram's limits allow now. Each is begun by this call, come what may."""
        row = await self._db.call(
            "claim_broadcast_sends",
            worker=self._worker,
            limit=limit,
            lease_seconds=LEASE_SECONDS,
            per_second=self._per_second,
        )
        return ClaimedSends(
            sends=tuple(
                BroadcastSend(row["broadcast_id"], row["lease"], item["user_id"], item["chat_id"])
                for item in row["sends"]
            ),
            content=read_content(row["content"]) if "content" in row else None,
            open=row["open"],
        )

    async def mark(
        self,
        broadcast_id: int,
        outcomes: Mapping[BroadcastSend, BroadcastOutcome],
        *,
        pause_seconds: int = 0,
        halt: bool = False,
    ) -> None:
        """What became of them. `pause_seconds`: nobody shall be sent anything unasked for so long.
        `halt`: pause the broadcast until an admin resumes it."""
        rows: dict[str, Any] = {
            send.user_id: {
                "lease": send.lease,
                "state": outcome.state,
                "failure": outcome.failure,
            }
            for send, outcome in outcomes.items()
        }
        await self._db.call(
            "mark_broadcast_sends",
            broadcast_id=broadcast_id,
            outcomes=rows,
            pause_seconds=pause_seconds,
            halt=halt,
        )

    async def tend(self) -> list[Tended]:
        """What is to be shown; nothing for all processes but one."""
        row = await self._db.call("tend_broadcasts", holder=self._holder, seconds=TENDING_SECONDS)
        return [_tended(item) for item in row["items"]]

    async def told(self, broadcast_id: int) -> None:
        """The screens show its end: the counts are final, and a notice tells the admin."""
        await self._db.call("broadcast_told", id=broadcast_id)


def _tended(row: Mapping[str, Any]) -> Tended:
    return Tended(
        broadcast=read_broadcast(row),
        settled=row["settled"],
        screens=tuple(Screen(**screen) for screen in row["screens"]),
    )
