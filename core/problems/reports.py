"""What parts of this process say of problems, until it is written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.problems import Details, Problems
from core.problems.bounds import ProblemName

RENEW_SECONDS = 20.0
"""A problem that is met all the time is not written down more often."""


@dataclass(frozen=True, slots=True)
class _Report:
    """Seen at `at` by this process's clock; `details` None: that it is over."""

    details: Details | None
    at: float


class Reports:
    """Telling costs nothing and never fails; `write` brings it into the database. `open` are the
    problems that stand there."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[tuple[str, str], _Report] = {}
        self._raised: dict[tuple[str, str], float] = {}
        self.open: frozenset[tuple[str, str]] = frozenset()
        self.changed = asyncio.Event()

    def met(self, name: ProblemName, about: str = "", **details: str | float) -> bool:
        """A problem is there. True where this process has not said so lately."""
        now = self._clock()
        last = self._raised.get((name, about))
        if last is not None and now - last < RENEW_SECONDS:
            return False
        self._raised[name, about] = now
        self._waiting[name, about] = _Report(details, now)
        self.changed.set()
        return last is None

    def over(self, name: str, about: str = "", seconds: float = 0.0) -> None:
        """It is over, as was seen `seconds` ago."""
        if self._raised.pop((name, about), None) is None and (name, about) not in self.open:
            return
        self._waiting[name, about] = _Report(None, self._clock() - seconds)
        self.changed.set()

    async def write(self, problems: Problems) -> None:
        """Raises `Unavailable`, and keeps then what it has."""
        self.changed.clear()
        for key, report in list(self._waiting.items()):
            if report.details is None:
                await problems.clear(*key, self._clock() - report.at)
            else:
                await problems.put(*key, report.details)
            if self._waiting.get(key) is report:
                del self._waiting[key]
