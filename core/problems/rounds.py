"""What every process does about problems: it looks, writes down what it saw, and tells admins."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core.database import Database
from core.errors import CoreError, Unavailable
from core.files.disk import on_disk
from core.problems import ClaimedWords, Problems, ProblemWord
from core.problems.bounds import TOLD_AT_THE_START_ALONE, ProblemName
from core.problems.model_health import ModelHealth
from core.problems.outage import Outage, Tell
from core.problems.reports import Reports
from core.problems.watch import SharedWatch, Space, look_at_clock, look_at_disks

log = logging.getLogger(__name__)

ROUND_SECONDS = 5.0
LOOK_SECONDS = 30.0
_WATCH_SECONDS = 2.5 * LOOK_SECONDS
"""For so long one process has the watch over what all have in common, and it renews."""

Usage = Callable[[Path], Awaitable[Space]]


async def disk_space(folder: Path) -> Space:
    usage = await on_disk(shutil.disk_usage, folder)
    return Space(usage.free, usage.total)


class Rounds:
    def __init__(
        self,
        db: Database,
        problems: Problems,
        reports: Reports,
        health: ModelHealth,
        *,
        folders: Sequence[Path],
        usage: Usage,
        machine: str,
        holder: str,
    ) -> None:
        """`folders` stand on disks that must not fill up. `holder` is this process alone."""
        self._db = db
        self._problems = problems
        self._reports = reports
        self._health = health
        self._folders = folders
        self._usage = usage
        self._machine = machine
        self._holder = holder
        self._shared = SharedWatch(reports)
        self._unmarked: set[tuple[str, str, int, bool]] = set()

    async def run(self, tell: Tell) -> None:
        """Until cancelled. `tell` must not raise."""
        outage = Outage(self._folders[0], tell)
        look_at = 0.0
        said = ""
        while True:
            try:
                if time.monotonic() >= look_at:
                    look_at = time.monotonic() + LOOK_SECONDS
                    await self.look()
                    outage.admins = await self._problems.admins()
                await self.tell_what_waits(tell)
                await outage.over()
            except Unavailable as error:
                log.debug("problems wait for the database: %s", error)
                await outage.met(await self.what_is_wrong())
            except CoreError as error:
                # Nothing that time mends, so it is said once.
                if str(error) != said:
                    said = str(error)
                    log.warning("problems can't be told: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUND_SECONDS):
                    await self._reports.changed.wait()
            # What comes together is written together.
            await asyncio.sleep(0.2)

    async def look(self) -> None:
        """At this machine, and if it is this process's turn at what all have in common."""
        spaces: list[Space] = []
        for folder in self._folders:
            with suppress(CoreError):
                spaces.append(await self._usage(folder))
        look_at_disks(self._reports, self._machine, spaces)
        row = await self._db.call(
            "take_lock", name="problems", holder=self._holder, seconds=_WATCH_SECONDS
        )
        if row["held"]:
            self._shared.look(await self._db.call("watch_state"))

    async def tell_what_waits(self, tell: Tell) -> None:
        await self._reports.write(self._problems)
        claimed = await self._claim()
        self._reports.open = frozenset((each.name, each.about) for each in claimed.open)
        self._health.look(claimed.open)
        said = await asyncio.gather(
            *(self._say(word, tell) for word in claimed.words), return_exceptions=True
        )
        for failure in said:
            if failure is not None:
                raise failure

    async def _claim(self) -> ClaimedWords:
        before, began = datetime.now(UTC), time.monotonic()
        claimed = await self._problems.claim()
        passed = time.monotonic() - began
        ahead = (before - claimed.now).total_seconds() + passed / 2
        look_at_clock(self._reports, self._machine, max(0.0, abs(ahead) - passed / 2))
        return claimed

    async def _say(self, word: ProblemWord, tell: Tell) -> None:
        key = word.problem.name, word.problem.about, word.admin_id, word.open
        quiet = not word.open and word.problem.name in TOLD_AT_THE_START_ALONE
        pause = None if quiet or key in self._unmarked else await tell(word)
        if pause is not None:
            await self._problems.postpone(word, pause)
            return
        # The database may be away now; whoever claims the word again here knows better.
        self._unmarked.add(key)
        await self._problems.told(word)
        self._unmarked.discard(key)

    async def what_is_wrong(self) -> ProblemName:
        """What can be read and not be written is full, or a replica."""
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                await self._db.call("watch_state")
        except (CoreError, TimeoutError):
            return "database_away"
        return "database_full"
