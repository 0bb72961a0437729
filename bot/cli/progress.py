"""How far a command has come: a bar on a terminal, plain lines elsewhere. On stderr, always."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from core import Step

_BAR = 24
_REDRAW_SECONDS = 0.1
_LINE_SECONDS = 5.0


class ProgressBar:
    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._terminal = self._out.isatty()
        self._name = ""
        self._started = self._told = 0.0
        self._base = 0

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if step.name != self._name:
            self._name, self._started, self._told, self._base = step.name, now, now, step.done
        pause = _REDRAW_SECONDS if self._terminal else _LINE_SECONDS
        if step.ended or now - self._told >= pause:
            self._told = now
            self._show(step, now - self._started)
        if step.ended:
            self._name = ""

    def clear(self) -> None:
        """Before other words are printed on a terminal."""
        if self._terminal and self._name:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _show(self, step: Step, seconds: float) -> None:
        line = f"{step.name:<9} {_share(step, self._terminal)}{_amount(step)}"
        rate = (step.done - self._base) / seconds if seconds > 0.5 else 0.0
        if step.ended:
            line += f" in {_clock(seconds)}"
        elif rate > 0:
            line += f", {_size(rate, step.unit)}/s"
            if step.total:
                line += f", {_clock((step.total - step.done) / rate)} left"
        if self._terminal:
            line = f"\r{line}\x1b[K"
        self._out.write(line if self._terminal and not step.ended else f"{line}\n")
        self._out.flush()


def _share(step: Step, terminal: bool) -> str:
    if not step.total or step.ended:
        return ""
    share = min(step.done / step.total, 1.0)
    full = int(share * _BAR)
    bar = f"[{'#' * full}{'.' * (_BAR - full)}] " if terminal else ""
    return f"{bar}{share:4.0%} "


def _amount(step: Step) -> str:
    if step.total is None or step.ended:
        return _size(step.done, step.unit)
    return f"{_size(step.done, step.unit)} of {_size(step.total, step.unit)}"


def _size(number: float, unit: str) -> str:
    if unit == "rows":
        return f"{number:,.0f} rows"
    for name in ("B", "KB", "MB"):
        if number < 1000:
            return f"{number:.0f} {name}" if name != "MB" else f"{number:.1f} {name}"
        number /= 1000
    return f"{number:.2f} GB"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    return f"{minutes}:{rest:02}"
