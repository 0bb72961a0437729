"""How far a long work has come, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

EXCHANGE = "exchange"
"""The name of the step after which the new data hold, whatever happens."""


@dataclass(frozen=True, slots=True)
class Step:
    """`total` is None where nobody can know it. The last word of a step has `done == total`, or
    comes with `ended`."""

    name: str
    unit: Literal["bytes", "rows"]
    done: int
    total: int | None
    ended: bool = False


Progress = Callable[[Step], None]
"""Called often: it has to be quick."""
