"""What parts of this process say of problems, until it is written down."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.problems import Details, Problems
from core.problems.bounds import ProblemName

log = logging.getLogger(__name__)

RENEW_SECONDS = 20.0
"""A problem that is met all the time is not written down more often."""

_LOGGED: Mapping[ProblemName, str] = {
    "model_key": "the model refuses the key, people get no answers",
    "model_quota": "the model's key is out of money or quota, people get no answers",
    "model_gone": "there is no such model any more",
    "model_request": "the model refuses our requests, somebody gets no answer",
    "model_down": "the model does not answer",
    "queue_grows": "the queue of turns is growing",
    "deliveries_fail": "deliveries fail",
    "disk_full": "the disk is filling up",
    "budget_near": "the day's budget is nearly spent",
    "budget_spent": "the day's budget is spent",
    "clock_off": "this machine's clock is off",
}
"""What is not here, whoever meets it has logged."""


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

    def met(self, name: ProblemName, about: str = "", **details: str | float) -> None:
        """A problem is there, or still there."""
        now = self._clock()
        last = self._raised.get((name, about))
        if last is not None and now - last < RENEW_SECONDS:
            return
        if last is None and (said := _LOGGED.get(name)):
            figures = " ".join(f"{key}={value}" for key, value in details.items())
            log.error("%s: %s", said, f"{about} {figures}".strip())
        self._raised[name, about] = now
        self._waiting[name, about] = _Report(details, now)
        self.changed.set()

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
