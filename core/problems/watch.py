"""What figures mean: which problems they show, and which they show to be over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.problems import bounds
from core.problems.bounds import ProblemName
from core.problems.reports import Reports

_GIGABYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of the disk under a folder of ours."""

    free: int
    total: int


def look_at_disks(reports: Reports, machine: str, spaces: list[Space]) -> None:
    """`machine` is this one's name. Of several disks the fullest counts."""
    if not spaces:
        return
    worst = min(spaces, key=lambda space: space.free)
    scarcest = min(space.free / max(1, space.total) for space in spaces)
    if worst.free < bounds.DISK_BYTES or scarcest < bounds.DISK_SHARE:
        reports.met(
            "disk_full",
            machine,
            free_gb=round(worst.free / _GIGABYTE, 1),
            percent=round(100 * scarcest),
        )
    elif worst.free >= bounds.DISK_WELL_BYTES and scarcest >= bounds.DISK_WELL_SHARE:
        reports.over("disk_full", machine)


def look_at_clock(reports: Reports, machine: str, off: float) -> None:
    """`off` is how many seconds it is off for certain."""
    if off > bounds.CLOCK_SECONDS:
        reports.met("clock_off", machine, seconds=round(off))
    elif off < bounds.CLOCK_WELL_SECONDS:
        reports.over("clock_off", machine)


class SharedWatch:
    """Over what all processes have in common; one of them at a time looks. Remembers the look
    before."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._oldest = 0.0

    def look(self, state: Mapping[str, Any]) -> None:
        """`state` is what `watch_state` says."""
        self._queue(state["queue"]["turns"])
        self._deliveries(**state["deliveries"])
        failed = state["update_failed_seconds"]
        if failed is not None and failed < bounds.UPDATE_SECONDS:
            count = state["queue"]["updates"]["failed"]
            self._reports.met("update_failed", count=count)
        if budget := state["budget"]:
            self._budget(budget)

    def _queue(self, turns: Mapping[str, int]) -> None:
        oldest, before = turns["oldest_seconds"], self._oldest
        self._oldest = oldest
        if oldest > before > bounds.QUEUE_SECONDS:
            self._reports.met("queue_grows", waiting=turns["waiting"], seconds=oldest)
        elif oldest < bounds.QUEUE_WELL_SECONDS:
            self._reports.over("queue_grows")

    def _deliveries(self, delivered: int, troubled: int) -> None:
        tried = delivered + troubled
        if troubled >= bounds.DELIVERIES_LEAST and troubled >= bounds.DELIVERIES_SHARE * tried:
            self._reports.met("deliveries_fail", troubled=troubled, tried=tried)
        elif delivered and troubled <= bounds.DELIVERIES_WELL_SHARE * tried:
            self._reports.over("deliveries_fail")

    def _budget(self, budget: Mapping[str, Any]) -> None:
        share = float(budget.get("share") or 0)
        stages: Mapping[ProblemName, float] = {
            "budget_near": bounds.BUDGET_NEAR_SHARE,
            "budget_spent": bounds.BUDGET_SPENT_SHARE,
        }
        for name, bound in stages.items():
            if share >= bound:
                self._reports.met(name, percent=round(100 * share))
            else:
                self._reports.over(name)
