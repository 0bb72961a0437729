"""What a draft says while there are no words to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core import Busy

Doing = Callable[[Busy, int, int], Sequence[str]]


class QuietLines:
    """One line after another, each for `silence` seconds; the last one stays.

    `waiting` follow an empty line. While something is being done, the lines that `doing` gives for
    it are said instead. Moments are those of the loop's clock.
    """

    __slots__ = ("_busy", "_doing", "_lines", "_silence", "_waiting", "since")

    def __init__(self, waiting: Sequence[str], doing: Doing, silence: float, now: float) -> None:
        self._waiting = ("", *waiting)
        self._doing = doing
        self._silence = silence
        self._busy: tuple[Busy, int, int] | None = None
        self._lines: Sequence[str] = self._waiting
        self.since = now

    @property
    def doing(self) -> Busy | None:
        return self._busy[0] if self._busy else None

    def busy(self, doing: Busy | None, done: int, total: int, now: float) -> bool:
        """False if nothing has changed. Progress of the same kind does not begin anew."""
        busy = (doing, done, total) if doing else None
        if busy == self._busy:
            return False
        if doing != self.doing:
            self.since = now
        self._lines = self._doing(*busy) if busy else self._waiting
        self._busy = busy
        return True

    def line(self, now: float) -> str:
        return self._lines[self._due(now)]

    def next_at(self, now: float) -> float | None:
        """When another line is due, None if there is none."""
        due = self._due(now) + 1
        return self.since + due * self._silence if due < len(self._lines) else None

    def _due(self, now: float) -> int:
        return min(int((now - self.since + 0.001) / self._silence), len(self._lines) - 1)
