"""Help lines by country, from a table that operators may replace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from core.errors import Misconfigured

EVERYWHERE = "*"
_UNCHECKED = "-"
_COLUMNS = 6
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class HelpLine:
    country: str
    contact: str
    about: dict[str, str]


class HelpLines:
    def __init__(self, lines: Sequence[HelpLine]) -> None:
        self._lines = tuple(lines)

    def of(self, country: str | None) -> tuple[HelpLine, ...]:
        """Those of the country, then those for everybody that the country has no own number for."""
        own = [line for line in self._lines if country and line.country == country]
        known = {line.contact for line in own}
        everywhere = [line for line in self._lines if line.country == EVERYWHERE]
        return (*own, *(line for line in everywhere if line.contact not in known))


def read_help_lines(file: str) -> HelpLines:
    """The table in `file`; if that is empty, the one that comes along. Raises `Misconfigured`."""
    if not file:
        source = files("core.care").joinpath("help_lines.tsv").read_text(encoding="utf-8")
        return HelpLines(_parsed(source, "help_lines.tsv"))
    path = Path(file)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Misconfigured(f"HELP_LINES_FILE is too large: {path}")
        source = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"HELP_LINES_FILE can't be read: {path}: {error}") from None
    lines = _parsed(source, f"HELP_LINES_FILE {path}")
    if not any(line.country == EVERYWHERE for line in lines):
        raise Misconfigured(f"HELP_LINES_FILE {path} has no checked line for `{EVERYWHERE}`")
    return HelpLines(lines)


def country_of(timezone: str | None, language: str) -> str | None:
    """Where somebody probably is, as an ISO 3166 code. Who speaks Russian and has told no city is
    most likely in Russia; an English speaker may be anywhere."""
    if not timezone or timezone[0] in "+-":
        return "RU" if language == "ru" and (not timezone or timezone[0] == "+") else None
    # Babel is slow to load and seldom needed.
    from babel.core import get_global

    name = get_global("zone_aliases").get(timezone, timezone)
    country = get_global("zone_territories").get(name)
    return country if country and country.isalpha() else None


def _parsed(source: str, name: str) -> list[HelpLine]:
    lines: list[HelpLine] = []
    for number, row in enumerate(source.splitlines(), 1):
        if not row.strip() or row.startswith("#"):
            continue
        cells = [cell.strip() for cell in row.split("\t")]
        if len(cells) != _COLUMNS or not all(cells[:4]) or not cells[5]:
            raise Misconfigured(f"{name}: line {number} must have {_COLUMNS} columns with tabs")
        country, contact, russian, english, _, checked = cells
        if checked != _UNCHECKED:
            lines.append(HelpLine(country.upper(), contact, {"ru": russian, "en": english}))
    return lines
