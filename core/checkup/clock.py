"""Whether this machine's clock tells the time: by the clocks of all servers that were asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from core.checkup import Verdict, failed, fine, skipped, warning
from core.database.selfcheck import CLOCK_LIMIT, CLOCK_WARNING

_SET_IT = "Let the network set this machine's clock: `timedatectl set-ntp true`."


@dataclass(frozen=True, slots=True)
class Reading:
    """`ahead` is how far this machine is before the server, give or take `unsure`."""

    source: str
    ahead: timedelta
    unsure: timedelta

    @property
    def off(self) -> timedelta:
        """By how much it is off for certain."""
        return max(timedelta(), abs(self.ahead) - self.unsure)


class Clock:
    """Gathers what servers say of the time, then judges."""

    def __init__(self) -> None:
        self._readings: list[Reading] = []

    def note(self, source: str, ahead: timedelta, unsure: timedelta) -> None:
        self._readings.append(Reading(source, ahead, unsure))

    def note_date(self, source: str, header: str | None, sent: datetime) -> None:
        """The `Date` of an HTTP answer that has just come; it is in whole seconds."""
        with suppress(TypeError, ValueError):
            theirs = parsedate_to_datetime(header or "")
            if theirs.tzinfo is None:
                theirs = theirs.replace(tzinfo=UTC)
            passed = datetime.now(UTC) - sent
            middle = theirs + timedelta(seconds=0.5)
            self.note(source, sent + passed / 2 - middle, passed / 2 + timedelta(seconds=0.5))

    async def check(self) -> Verdict:
        if not self._readings:
            return skipped("because no server has told the time")
        worst = max(self._readings, key=lambda reading: reading.off)
        others = [r for r in self._readings if r is not worst and r.off < CLOCK_WARNING]
        if worst.off < CLOCK_WARNING:
            sources = ", ".join(sorted({reading.source for reading in self._readings}))
            return fine(f"within {_span(max(worst.off, timedelta(seconds=1)))} of {sources}")
        way = "ahead of" if worst.ahead > timedelta() else "behind"
        found = f"this machine's clock is {_span(worst.off)} {way} that of {worst.source}"
        advice = _SET_IT
        if others:
            found += f", but right by {others[0].source}"
            advice = f"Set the clock of {worst.source}; this machine's own seems to be right."
        return (failed if worst.off > CLOCK_LIMIT else warning)(found, advice)


def _span(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{round(seconds / 60)} min" if seconds < 7200 else f"{round(seconds / 3600)} h"
