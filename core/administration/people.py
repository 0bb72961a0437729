"""People as admins see them: numbers and names of accounts, never a word of a dialogue."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from core.access import Level

LimitName = Literal["tokens_per_day", "messages_per_minute", "messages_per_day"]
LIMITS: tuple[LimitName, ...] = get_args(LimitName)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in a list. `given` is what an admin or an invite made of them, None where the access
    mode decides; `by_settings`: an admin whom only the settings can change. `telegram_id` is None
    for who is known to the operator's own system alone."""

    user_id: str
    telegram_id: int | None
    name: str
    username: str
    level: Level
    given: Level | None
    by_settings: bool
    reachable: bool
    seen_at: datetime | None
    created_at: datetime
    erase_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundPeople:
    items: tuple[PersonLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Spent:
    """By the model, in US dollars for models that have a price."""

    tokens: int
    usd: Decimal


@dataclass(frozen=True, slots=True)
class PersonCard:
    """`limits` are the person's own, `level_limits` those of their level; what is missing or 0 has
    no bound. `level_before` is what `line.given` was before they were blocked."""

    line: PersonLine
    external: bool
    language: str
    active_visions: int
    frozen_visions: int
    messages: int
    today: Spent
    month: Spent
    limits: Mapping[LimitName, int]
    level_limits: Mapping[LimitName, int]
    level_before: Level | None

    @property
    def ref(self) -> str:
        return person_ref(self.line.user_id)


def person_ref(user_id: str) -> str:
    """A short name for a button's data, where a user_id may not fit; `resolve` takes `#<ref>`."""
    return hashlib.md5(user_id.encode(), usedforsecurity=False).hexdigest()[:16]


def read_line(row: Mapping[str, Any]) -> PersonLine:
    return PersonLine(
        user_id=row["user_id"],
        telegram_id=row["telegram_id"],
        name=row["name"],
        username=row["username"],
        level=row["level"],
        given=row["given"],
        by_settings=row["by_settings"],
        reachable=row["reachable"],
        seen_at=_moment(row["seen_at"]),
        created_at=datetime.fromisoformat(row["created_at"]),
        erase_at=_moment(row["erase_at"]),
    )


def read_card(row: Mapping[str, Any]) -> PersonCard:
    return PersonCard(
        line=read_line(row),
        external=row["external"],
        language=row["language"],
        active_visions=row["visions"]["active"],
        frozen_visions=row["visions"]["frozen"],
        messages=row["messages"],
        today=_spent(row["today"]),
        month=_spent(row["month"]),
        limits=row["limits"],
        level_limits=row["level_limits"],
        level_before=row["level_before"],
    )


def _spent(row: Mapping[str, Any]) -> Spent:
    return Spent(row["tokens"], Decimal(str(row["usd"])))


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
