"""What admins hear of the database itself: it can't keep count of the words about it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.database.file_lock import FileLock
from core.errors import Misconfigured
from core.problems import Admin, Problem, ProblemWord
from core.problems.bounds import DATABASE_SECONDS, SETTLE_SECONDS, ProblemName

log = logging.getLogger(__name__)

Tell = Callable[[ProblemWord], Awaitable[int | None]]
"""Told, or in how many seconds to try again."""


class Outage:
    """Of the processes that share a DATA_DIR, one tells; and it tells the end to whom it told the
    beginning."""

    def __init__(
        self, folder: Path, tell: Tell, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = FileLock(folder / "outage.lock")
        self._tell = tell
        self._clock = clock
        self._began: float | None = None
        self._well_since: float | None = None
        self._name = ""
        self._told: dict[int, Admin] = {}
        self._again: dict[int, float] = {}
        self.admins: Sequence[Admin] = ()

    async def met(self, name: ProblemName) -> None:
        """It takes no writes, now."""
        now = self._clock()
        self._well_since = None
        if self._began is None:
            self._began = now
        if now - self._began < DATABASE_SECONDS or not self._elected():
            return
        if not self._told:
            self._name = name
            log.error("%s for %.0f s", name.replace("_", " "), now - self._began)
        for admin in self.admins:
            if admin.reachable and admin.telegram_id not in self._told:
                await self._say(admin, opened=True)

    async def over(self) -> None:
        """It takes what is written."""
        if self._began is None:
            return
        now = self._clock()
        if self._well_since is None:
            self._well_since = now
        if self._told and now - self._well_since < SETTLE_SECONDS[self._name]:
            return
        for admin in list(self._told.values()):
            await self._say(admin, opened=False)
        if not self._told:
            self._began = None
            self._again.clear()
            self._lock.release()

    async def _say(self, admin: Admin, *, opened: bool) -> None:
        assert self._began is not None
        now = self._clock()
        if now < self._again.get(admin.telegram_id, now):
            return
        lasted = (now if opened or self._well_since is None else self._well_since) - self._began
        since = datetime.now(UTC) - timedelta(seconds=now - self._began)
        problem = Problem(self._name, "", {}, since, round(lasted))
        word = ProblemWord(
            problem, opened, admin.telegram_id, admin.language, admin.timezone, 1, ""
        )
        pause = await self._tell(word)
        if pause is not None:
            self._again[admin.telegram_id] = self._clock() + pause
        elif opened:
            self._told[admin.telegram_id] = admin
        else:
            del self._told[admin.telegram_id]

    def _elected(self) -> bool:
        try:
            return self._lock.try_exclusive()
        except Misconfigured as error:
            # On a full disk there is not even room for a lock: better told twice than never.
            log.debug("%s", error)
            return True
