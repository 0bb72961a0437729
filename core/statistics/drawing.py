"""The chart of the days: what it is to show. It is drawn in a process of its own."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.isolated import Isolated, Limits

_JOB = "core.statistics.chart:draw"
_LIMITS = Limits(seconds=60.0, megabytes=512)


@dataclass(frozen=True, slots=True)
class ChartPanel:
    """One value for each day; `summary` tells of all of them in a word or two."""

    name: str
    summary: str
    values: Sequence[float]
    money: bool = False


@dataclass(frozen=True, slots=True)
class DaysChart:
    """`days` are labels, the last being today, which is drawn paler for it is not over. All words
    are in `language`, by which numbers are written."""

    title: str
    subtitle: str
    days: Sequence[str]
    panels: Sequence[ChartPanel]
    thousands: str
    millions: str
    billions: str
    language: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> DaysChart:
        """From what `asdict` made of one."""
        panels = [ChartPanel(**panel) for panel in told["panels"]]
        named: dict[str, Any] = {**told, "panels": panels}
        return cls(**named)


async def drawn(isolated: Isolated, picture: DaysChart) -> bytes:
    """PNG, 1152 pixels wide. Raises `JobFailed`."""
    row = await isolated.run(_JOB, asdict(picture), _LIMITS)
    return base64.b64decode(row["png"])
