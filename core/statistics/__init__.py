"""Numbers for those who run the bot: never whose words, only how many, how fast and at what price.

All days are UTC. Every reading raises `Forbidden` (`not_admin`) for who is no admin; the operator
on the command line is `console:<name>`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from datetime import date, datetime

from core.database import Database
from core.errors import CoreError
from core.isolated import Isolated, JobFailed
from core.statistics.drawing import DaysChart, drawn
from core.statistics.figures import (
    CallShare,
    DayCalls,
    DayNumbers,
    Numbers,
    PersonTokens,
    Spender,
    Spenders,
    Totals,
    VisionTokens,
    read_calls,
    read_share,
    read_totals,
    read_usd,
)

__all__ = [
    "CallShare",
    "DayCalls",
    "DayNumbers",
    "Numbers",
    "PersonTokens",
    "Spender",
    "Spenders",
    "Statistics",
    "Totals",
    "VisionTokens",
]

log = logging.getLogger(__name__)


CALLS_AT_ONCE = 1000
_EVERY_SECONDS = 300.0
_PATIENCE_SECONDS = 8.0
_BUSY_SECONDS = 0.2


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
            now=read_totals(row["now"]),
            before=read_totals(row["before"]),
            came_back=row["now"]["came_back"],
            models=tuple(map(read_share, row["models"])),
            purposes=tuple(map(read_share, row["purposes"])),
        )

    async def days(self, admin_id: str, days: int) -> list[DayNumbers]:
        """Each of the last `days` (1 to 366), oldest first, today being the last."""
        await self._caught_up()
        row = await self._db.call("read_days", admin_id=admin_id, days=days)
        return [DayNumbers(date.fromisoformat(day["day"]), read_totals(day)) for day in row["days"]]

    async def calls(self, admin_id: str, days: int) -> AsyncIterator[DayCalls]:
        """Of each of these days, by model and purpose, in the order of days."""
        offset = 0
        while True:
            row = await self._db.call(
                "read_calls", admin_id=admin_id, days=days, offset=offset, limit=CALLS_AT_ONCE
            )
            for item in row["items"]:
                yield read_calls(item)
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
                    item["user_id"],
                    item["ref"],
                    item["name"],
                    item["tokens"],
                    read_usd(item["usd"]),
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
                    read_usd(item["usd"]),
                )
                for item in row["items"]
            ),
            row["tokens"],
            read_usd(row["usd"]),
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
