"""What the numbers are: read from the rows of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Totals:
    """What happened in a period.

    `active` people wrote something in it. `messages` are theirs, `answers` the turns in which the
    companion said something of its own. `p50` and `p95` are delays in seconds, from the message
    that an answer stands after (the last of several) to the delivery of its first words; they come
    from buckets, so they are up to 4.9 % off. A failed delivery is one that was given up, but not
    because the person has blocked the bot. `usd` is None where no call had a price; `unpriced`
    calls spent something and had none. `liked` and `disliked` are answers by their last vote.
    """

    active: int
    newcomers: int
    messages: int
    answers: int
    failed_turns: int
    failed_deliveries: int
    p50: float | None
    p95: float | None
    heard_seconds: float
    spoken_seconds: float
    tokens: int
    usd: Decimal | None
    unpriced: int
    liked: int
    disliked: int


@dataclass(frozen=True, slots=True)
class CallShare:
    """Calls of one model or for one purpose; `name` is "" where the call has none."""

    name: str
    calls: int
    tokens: int
    usd: Decimal | None
    unpriced: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The days from `first` to `last`, which is today and not over: it is `at`, in UTC.

    `before` are as many days before them, the last of which ends at the same time of day.
    `came_back` counts people who were active in both. Whoever was erased is not among active
    people any more. `whole` is False while older days are still being counted.
    """

    first: date
    last: date
    at: datetime
    whole: bool
    now: Totals
    before: Totals
    came_back: int
    models: tuple[CallShare, ...]
    purposes: tuple[CallShare, ...]


@dataclass(frozen=True, slots=True)
class DayNumbers:
    day: date
    totals: Totals


@dataclass(frozen=True, slots=True)
class DayCalls:
    """Of one day, model and purpose."""

    day: date
    model: str
    purpose: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    usd: Decimal | None
    unpriced: int


@dataclass(frozen=True, slots=True)
class Spender:
    """`ref` is what a button says of them."""

    user_id: str
    ref: str
    name: str
    tokens: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Spenders:
    items: tuple[Spender, ...]
    total: int


@dataclass(frozen=True, slots=True)
class VisionTokens:
    """`number` counts the person's visions from the oldest; None for calls that belong to none."""

    number: int | None
    vision_id: str | None
    calls: int
    tokens: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class PersonTokens:
    items: tuple[VisionTokens, ...]
    tokens: int
    usd: Decimal | None


def read_totals(row: dict[str, Any]) -> Totals:
    return Totals(
        active=row["active"],
        newcomers=row["newcomers"],
        messages=row["messages"],
        answers=row["answers"],
        failed_turns=row["failed_turns"],
        failed_deliveries=row["failed_deliveries"],
        p50=row["p50"],
        p95=row["p95"],
        heard_seconds=row["heard_seconds"],
        spoken_seconds=row["spoken_seconds"],
        tokens=row["tokens"],
        usd=read_usd(row["usd"]),
        unpriced=row["unpriced"],
        liked=row["liked"],
        disliked=row["disliked"],
    )


def read_share(row: dict[str, Any]) -> CallShare:
    return CallShare(
        row["name"], row["calls"], row["tokens"], read_usd(row["usd"]), row["unpriced"]
    )


def read_calls(row: dict[str, Any]) -> DayCalls:
    return DayCalls(
        day=date.fromisoformat(row["day"]),
        model=row["model"],
        purpose=row["purpose"],
        calls=row["calls"],
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        tokens=row["tokens"],
        usd=read_usd(row["usd"]),
        unpriced=row["unpriced"],
    )


def read_usd(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
