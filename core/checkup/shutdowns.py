"""The announced ends of models: what the server says, else the table beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files

SOON_DAYS = 90
"""From then on it is a warning."""

_OF_OPENAI = "openai/"


@dataclass(frozen=True, slots=True)
class Shutdown:
    """`instead` is what the maker names in its place, empty if nothing is known."""

    on: date
    instead: str = ""

    def days(self, today: date | None = None) -> int:
        """Until then; negative when it has passed."""
        return (self.on - (today or datetime.now(UTC).date())).days


def shutdown_of(model: str, provider: str, told: str | None = None) -> Shutdown | None:
    """`told` is the `shutdown_date` of the server's own answer, if it gave one. The table is of
    OpenAI's models, whoever passes them on: the same name elsewhere may be another thing."""
    name = model.removeprefix(_OF_OPENAI)
    known = None
    if provider == "openai" or model.startswith(_OF_OPENAI):
        known = _table().get(name)
    try:
        return Shutdown(date.fromisoformat((told or "")[:10]), known.instead if known else "")
    except ValueError:
        return known


@cache
def _table() -> Mapping[str, Shutdown]:
    lines = files("core.checkup").joinpath("shutdowns.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {name: Shutdown(date.fromisoformat(on), *rest) for name, on, *rest in rows}
