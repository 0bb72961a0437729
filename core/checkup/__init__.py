"""Whether everything that the settings name is there and works, and what to do where not.

For the command line and for a running bot alike: nothing here disturbs a bot at work, changes its
data or leaves anything behind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`found` says in one sentence what is the case, `advice` what to do about it, for operators.
    Advice belongs to warnings and failures."""

    status: Status
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One question. Without an answer in time, it has failed.

    It begins when all of `needs` and `after` have ended, and is skipped where one of `needs` failed
    or was skipped itself; names that are not among the checks are passed over. What `run` raises is
    a failure too, told by its message where it is a `CoreError`. `if_silent` is the advice for when
    no answer comes.
    """

    name: str
    run: Callable[[], Awaitable[Verdict]]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    if_silent: str = "Try again in a minute."


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a check. `place` is its place among all, for those who wait for the end."""

    place: int
    name: str
    status: Status
    found: str
    advice: str
    milliseconds: int


def fine(found: str) -> Verdict:
    return Verdict("ok", found)


def warning(found: str, advice: str) -> Verdict:
    return Verdict("warning", found, advice)


def failed(found: str, advice: str) -> Verdict:
    return Verdict("failed", found, advice)


def skipped(found: str) -> Verdict:
    return Verdict("skipped", found)
