"""Numbers for those who run the bot: never whose words, only how many, how fast and at what price.

All days are UTC. Every reading raises `Forbidden` (`not_admin`) for who is no admin; the operator
on the command line is `console:<name>`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.database import Database
from core.errors import CoreError
from core.isolated import Isolated, JobFailed
from core.statistics.drawing import DaysChart, drawn

log = logging.getLogger(__name__)


CALLS_AT_ONCE = 1000
_EVERY_SECONDS = 300.0
_PATIENCE_SECONDS = 8.0
_BUSY_SECONDS = 0.2


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


class Statistics:
    def __init__(self, db: Database, isolated: Isolated) -> None:
        self._db = db
        self._isolated = isolated

    async def numbers(self, admin_id: str, days: int) -> Numbers:
        """Of the last `days` (1 to 31), today among them."""
        await self._caught_up()
        row = await self._db.call("read_numbers", admin_id=admin_id, days=days)
        return Numbers(
            first=date.fromisoformat(row["first"]),
            last=date.fromisoformat(row["last"]),
            at=datetime.fromisoformat(row["at"]),
            whole=row["whole"],
            now=_totals(row["now"]),
            before=_totals(row["before"]),
            came_back=row["now"]["came_back"],
            models=tuple(map(_share, row["models"])),
            purposes=tuple(map(_share, row["purposes"])),
        )

    async def days(self, admin_id: str, days: int) -> list[DayNumbers]:
        """Each of the last `days` (1 to 366), oldest first, today being the last."""
        await self._caught_up()
        row = await self._db.call("read_days", admin_id=admin_id, days=days)
        return [DayNumbers(date.fromisoformat(day["day"]), _totals(day)) for day in row["days"]]

    async def calls(self, admin_id: str, days: int) -> AsyncIterator[DayCalls]:
        """Of each of these days, by model and purpose, in the order of days."""
        offset = 0
        while True:
            row = await self._db.call(
                "read_calls", admin_id=admin_id, days=days, offset=offset, limit=CALLS_AT_ONCE
            )
            for item in row["items"]:
                yield _calls(item)
            offset += len(row["items"])
            if len(row["items"]) < CALLS_AT_ONCE:
                return

    async def top_spenders(self, admin_id: str, days: int, offset: int, limit: int) -> Spenders:
        """Those who took tokens in the last `days` (1 to 31), most of all first."""
        row = await self._db.call(
            "top_spenders", admin_id=admin_id, days=days, offset=offset, limit=limit
        )
        return Spenders(
            tuple(
                Spender(
                    item["user_id"], item["ref"], item["name"], item["tokens"], _usd(item["usd"])
                )
                for item in row["items"]
            ),
            row["total"],
        )

    async def tokens_by_vision(self, admin_id: str, name: str, days: int) -> PersonTokens:
        """What one person's visions took in the last `days` (1 to 366), most first. `name` is a
        user_id, a Telegram id, @username or #ref. Raises `NotFound`, and `Conflict` where it means
        several people."""
        user_id = (await self._db.call("resolve_user", admin_id=admin_id, name=name))["user_id"]
        row = await self._db.call("tokens_by_vision", admin_id=admin_id, user_id=user_id, days=days)
        return PersonTokens(
            tuple(
                VisionTokens(
                    item["number"],
                    item["vision_id"],
                    item["calls"],
                    item["tokens"],
                    _usd(item["usd"]),
                )
                for item in row["items"]
            ),
            row["tokens"],
            _usd(row["usd"]),
        )

    async def draw(self, chart: DaysChart) -> bytes | None:
        """A PNG, 1152 pixels wide; None where it could not be drawn."""
        try:
            return await drawn(self._isolated, chart)
        except JobFailed as failed:
            log.warning("the chart of the days was not drawn: %s", failed.failure)
            return None

    async def run(self) -> None:
        """Count what has happened, every few minutes, until cancelled; several processes may."""
        while True:
            try:
                more = True
                while more:
                    more = await self._count() == "more"
            except CoreError as error:
                log.warning("statistics are not counted: %s", error)
            await asyncio.sleep(_EVERY_SECONDS * random.uniform(0.9, 1.1))  # noqa: S311 - spreads the load

    async def _caught_up(self) -> None:
        """Numbers are read once their days are counted, or after a while as far as they are."""
        clock = asyncio.get_running_loop().time
        over = clock() + _PATIENCE_SECONDS
        while (state := await self._count()) != "done" and clock() < over:
            if state == "busy":
                await asyncio.sleep(_BUSY_SECONDS)

    async def _count(self) -> str:
        row = await self._db.call("count_statistics")
        return row["state"]


def _totals(row: dict[str, Any]) -> Totals:
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
        usd=_usd(row["usd"]),
        unpriced=row["unpriced"],
        liked=row["liked"],
        disliked=row["disliked"],
    )


def _share(row: dict[str, Any]) -> CallShare:
    return CallShare(row["name"], row["calls"], row["tokens"], _usd(row["usd"]), row["unpriced"])


def _calls(row: dict[str, Any]) -> DayCalls:
    return DayCalls(
        day=date.fromisoformat(row["day"]),
        model=row["model"],
        purpose=row["purpose"],
        calls=row["calls"],
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        tokens=row["tokens"],
        usd=_usd(row["usd"]),
        unpriced=row["unpriced"],
    )


def _usd(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
