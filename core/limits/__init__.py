"""How much a person may say and the model may spend: what stands against more, and what is used.

The rules are in the database, where messages are received and turns are claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.access.invites import HeldOver
from core.database import Database

Reason = Literal["guest", "minute", "day", "tokens", "budget"]
"""All that a guest may say; messages of a minute or of a day; tokens of a day; the budget of a
day that everybody shares."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`until` is when it is over; None for a guest, whom only an invite helps."""

    reason: Reason
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Over:
    """A message that met a limit. It waits in `held`, unless too many did already: then `kept` is
    False. `say` is True for the one message of a limit that the person is to be told at."""

    limit: Limit
    say: bool
    kept: bool
    held: HeldOver


@dataclass(frozen=True, slots=True)
class Share:
    """`bound` is None where there is none."""

    used: int
    bound: int | None

    @property
    def left(self) -> int | None:
        return None if self.bound is None else max(self.bound - self.used, 0)


@dataclass(frozen=True, slots=True)
class OfVision:
    title: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Days and months are those of UTC; a new day begins at `renews_at`. `guest` is what a guest
    may say in all. `visions` are those that took most this month, without deleted ones."""

    messages: Share
    tokens: Share
    guest: Share | None
    month_messages: int
    month_tokens: int
    visions: tuple[OfVision, ...]
    renews_at: datetime
    limit: Limit | None
    held: HeldOver | None


class Limits:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def usage(self, user_id: str) -> Usage:
        row = await self._db.call("read_usage", user_id=user_id)
        bounds, today = row["bounds"], row["today"]
        said = row["guest_messages"]
        return Usage(
            messages=Share(today["messages"], bounds.get("messages_per_day") or None),
            tokens=Share(today["tokens"], bounds.get("tokens_per_day") or None),
            guest=None if said is None else Share(said, bounds["guest_messages"]),
            month_messages=row["month"]["messages"],
            month_tokens=row["month"]["tokens"],
            visions=tuple(OfVision(**vision) for vision in row["visions"]),
            renews_at=datetime.fromisoformat(row["renews_at"]),
            limit=read_limit(row["limit"]) if row["limit"] else None,
            held=_held(row["held"]) if row["held"] else None,
        )


def read_limit(row: Mapping[str, Any]) -> Limit:
    until = row["until"]
    return Limit(row["reason"], datetime.fromisoformat(until) if until else None)


def read_over(row: Mapping[str, Any]) -> Over:
    """Of what `receive_message` answers in the state `limited`."""
    return Over(
        limit=read_limit(row),
        say=row["say"],
        kept=row["kept"],
        held=HeldOver(row["held"], row["vision_id"], row["frozen"]),
    )


def _held(row: Mapping[str, Any]) -> HeldOver:
    return HeldOver(row["count"], row["vision_id"], bool(row["frozen"]))
