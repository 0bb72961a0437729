"""The stages of one turn, measured where they take place and added up."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from core.observing import (
    CallReport,
    DeliveryReport,
    Lasted,
    Report,
    TurnBegan,
    TurnReport,
    observer,
)
from core.observing.lines import turn_fields, write

log = logging.getLogger("core.turn")

MARK_CHARACTERS = 8
"""Of a turn's lease: enough to find its lines, too little to act with."""

_ELSEWHERE = ("prepare", "burst", "model", "making", "deliver")
"""Stages in which the bot itself does little else but wait, or works on files."""


class TurnTrace:
    """Everything told in the turn's context comes here, and goes on to who observed before."""

    def __init__(self, lease: str, *, queued: float | None = None) -> None:
        """`queued` is how long the turn had waited, in seconds, when it was claimed."""
        self.mark = lease[:MARK_CHARACTERS]
        self.joined = 0
        self._queued = queued
        self._began = time.monotonic()
        self._first_words: float | None = None
        self._delivering = False
        self._delivered: float | None = None
        self._stages: defaultdict[str, float] = defaultdict(float)
        self._preparing = False
        self._outcome = "interrupted"
        self._error: str | None = None
        self._tokens: Counter[str] = Counter()
        self._calls = self._rounds = 0
        self._last: CallReport | None = None
        self._outer = observer()

    def begin(self) -> None:
        self._outer.happened(TurnBegan())

    def happened(self, report: Report) -> None:
        if isinstance(report, Lasted):
            self._lasted(report.stage, report.seconds)
        elif isinstance(report, CallReport):
            self._called(report)
        elif isinstance(report, DeliveryReport) and self._delivering and report.type != "audio":
            # A voice takes long to be made; the words it says are there by then.
            self._delivered = time.monotonic()
        self._outer.happened(report)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        self._preparing = name == "prepare"
        began = time.monotonic()
        try:
            yield
        finally:
            self._stages[name] += time.monotonic() - began
            self._preparing = False

    def worded(self) -> None:
        """Words of the answer are there to be shown."""
        if self._first_words is None:
            self._first_words = time.monotonic() - self._began

    def came_to(self, outcome: str, error: str | None = None) -> None:
        """The last that is told stands."""
        self._outcome, self._error = outcome, error

    @contextmanager
    def delivering(self) -> Generator[None]:
        """The last stage. What is told of deliveries says when the words had arrived."""
        began = time.monotonic()
        self._delivering = True
        try:
            yield
        finally:
            self._stages["deliver"] = (self._delivered or time.monotonic()) - began

    def end(self, *, vision_id: str, user_id: str, attempt: int, messages: int, files: int) -> None:
        """Writes the turn's line and tells its report."""
        stages = self._stages
        total = (self._delivered or time.monotonic()) - self._began
        failed = self._last if self._last and self._last.outcome != "ok" else None
        report = TurnReport(
            turn=self.mark,
            vision_id=vision_id,
            user_id=user_id,
            outcome=self._outcome,
            error=self._error,
            code=failed.code if failed else None,
            attempt=attempt,
            messages=messages,
            files=files,
            joined=self.joined,
            calls=self._calls,
            rounds=self._rounds,
            queued=self._queued,
            prepare=stages.get("prepare"),
            burst=stages.get("burst"),
            first_words=self._first_words,
            model=stages.get("model"),
            making=stages.get("making"),
            complete=stages.get("complete"),
            deliver=stages.get("deliver"),
            own=max(0.0, total - sum(stages[name] for name in _ELSEWHERE)),
            total=total,
            prompt_tokens=self._tokens["prompt"],
            completion_tokens=self._tokens["completion"],
            cached_tokens=self._tokens["cached"],
            request_id=self._last.request_id if self._last else None,
            response_id=self._last.response_id if self._last else None,
        )
        write(log, logging.INFO, "turn done", turn_fields(report))
        self._outer.happened(report)

    def _lasted(self, stage: str, seconds: float) -> None:
        if stage == "pause":
            # Between tries, of whatever is being asked just now.
            stage = "prepare pause" if self._preparing else "model"
        self._stages[stage] += seconds

    def _called(self, report: CallReport) -> None:
        self._tokens["prompt"] += report.prompt_tokens
        self._tokens["completion"] += report.completion_tokens
        self._tokens["cached"] += report.cached_tokens
        if report.purpose == "dialogue":
            self._calls += 1
            self._rounds += report.outcome == "ok"
            self._stages["model"] += report.seconds
            self._last = report
