"""Whether the models work, by the calls that are made anyway."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.errors import CoreError, ModelDown, ModelError, ModelRejected
from core.observing import CallReport, Observer, Report
from core.observing.reasons import reason
from core.problems import Open
from core.problems.bounds import ProblemName
from core.problems.reports import Reports

_REJECTED: Mapping[str, ProblemName] = {"key": "model_key", "quota": "model_quota"}


@dataclass(frozen=True, slots=True)
class Use:
    """A model of the settings: the setting that names it, and the one that holds its key."""

    setting: str
    key_setting: str
    host: str


MAIN = Use("LLM_MODEL", "OPENAI_API_KEY", "")


class ModelHealth:
    """Observes calls, and passes everything on to `outer`. A refusal is a problem of the key or of
    the model at once; a call that went well ends what was met before it began."""

    def __init__(
        self,
        uses: dict[str, Use],
        reports: Reports,
        outer: Observer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`uses` is by the model's name."""
        self._uses = uses
        self._reports = reports
        self._outer = outer
        self._clock = clock
        self._went_well: dict[str, float] = {}
        self._last_failed = MAIN

    def happened(self, report: Report) -> None:
        if isinstance(report, CallReport):
            self._called(report)
        self._outer.happened(report)

    def turn_failed(self, error: CoreError) -> None:
        """A turn, or a part of one, came to nothing."""
        use = self._last_failed
        match error:
            case ModelRejected(kind="request"):
                self._reports.met("model_request", use.key_setting, host=use.host, code=str(error))
            case ModelRejected():
                # Its call has told.
                pass
            case ModelDown():
                self._reports.met("model_down", use.key_setting, host=use.host)
            case ModelError():
                pass
            case _:
                self._reports.met("turn_failed", error=_named(error))

    def look(self, problems: Iterable[Open]) -> None:
        """Which of these are over, by what went well since."""
        now = self._clock()
        for problem in problems:
            if (began := self._went_well.get(f"{problem.name}:{problem.about}")) is None:
                continue
            if now - began < problem.renewed_seconds:
                self._reports.over(problem.name, problem.about, now - began)

    def _called(self, report: CallReport) -> None:
        use = self._uses.get(report.model, MAIN)
        if report.outcome == "ok":
            began = self._clock() - report.seconds
            for name in ("model_key", "model_quota", "model_request", "model_down"):
                self._well(f"{name}:{use.key_setting}", began)
            if report.model in self._uses:
                self._well(f"model_gone:{use.setting}", began)
        elif report.outcome != "stopped":
            self._last_failed = use
            self._refused(use, report)

    def _refused(self, use: Use, report: CallReport) -> None:
        if name := _REJECTED.get(report.rejected or ""):
            self._reports.met(name, use.key_setting, host=use.host, code=report.code or "")
        elif report.rejected == "model" and report.model in self._uses:
            self._reports.met("model_gone", use.setting, host=use.host, model=report.model)

    def _well(self, key: str, began: float) -> None:
        self._went_well[key] = max(began, self._went_well.get(key, began))


def _named(error: CoreError) -> str:
    """Of our own errors one of a few words; of others their class, which is all that came."""
    word = reason(error)
    return str(error)[:60] if type(error) is CoreError else word
