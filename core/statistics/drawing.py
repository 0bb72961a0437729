"""The chart of the days: what it is to show, and the picture itself, drawn in a process of its own."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from core.isolated import Isolated, Limits

_JOB = "core.statistics.chart:draw"
_LIMITS = Limits(seconds=60.0, megabytes=512)


@dataclass(frozen=True, slots=True)
class Panel:
    """One value for each day; `summary` tells of all of them in a word or two."""

    name: str
    summary: str
    values: Sequence[float]
    money: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """`days` are labels, the last being today, which is drawn paler for it is not over. All words
    are in `language`, by which numbers are written."""

    title: str
    subtitle: str
    days: Sequence[str]
    panels: Sequence[Panel]
    thousands: str
    millions: str
    billions: str
    language: str


async def drawn(isolated: Isolated, picture: Picture) -> bytes:
    """PNG, 1152 pixels wide. Raises `JobFailed`."""
    row = await isolated.run(_JOB, asdict(picture), _LIMITS)
    return base64.b64decode(row["png"])
