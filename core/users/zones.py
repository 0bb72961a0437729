"""Time zones by what people write: a city in their language, an IANA name, or an offset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

DEFAULT = {"ru": "Europe/Moscow", "en": "UTC"}
"""Until the person tells: most who speak Russian live near Moscow's time."""

_OFFSET = re.compile(
    r"(?:utc|gmt|мск)?\s*([+\-−–—]?)\s*(\d{1,2})(?::?(\d{2})|[.,](5))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Zone:
    """`name` is what is stored: an IANA name or ±HH:MM. `title` is for the person."""

    name: str
    title: str


def zone_of(name: str | None, language: str) -> tzinfo:
    """The zone of a stored name; the language's default when none was told."""
    name = name or DEFAULT.get(language, "UTC")
    if name[0] in "+-":
        hours, minutes = int(name[1:3]), int(name[4:6])
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if name[0] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def local_time(zone: tzinfo) -> datetime:
    return datetime.now(zone)


def find_zones(words: str, language: str, limit: int = 8) -> list[Zone]:
    """The city of this name; or, if there is none, cities that begin so, then those that contain
    the words."""
    words = " ".join(words.split()).casefold()
    if not words:
        return []
    if offset := _OFFSET.fullmatch(words):
        return _fixed(*offset.groups(), moscow=words.startswith("мск"))
    found: list[tuple[int, str, Zone]] = []
    for zone, names in _cities(language):
        rank = min((_rank(words, name) for name in names), default=3)
        if rank < 3:
            found.append((rank, zone.title, zone))
    found.sort(key=lambda item: item[:2])
    if found and found[0][0] == 0:
        found = [item for item in found if item[0] == 0]
    unique = {(zone.name, zone.title): zone for _, _, zone in found}
    return list(unique.values())[:limit]


def _fixed(
    sign: str, hours: str, minutes: str | None, half: str | None, *, moscow: bool
) -> list[Zone]:
    total = int(hours) * 60 + (30 if half else int(minutes or 0))
    total = total if sign in ("", "+") else -total
    if moscow:
        total += 180
    if not -12 * 60 <= total <= 14 * 60 or int(minutes or 0) > 59:
        return []
    text = f"{'-' if total < 0 else '+'}{abs(total) // 60:02}:{abs(total) % 60:02}"
    return [Zone(text, f"UTC{text}")]


def _rank(words: str, name: str) -> int:
    if name == words:
        return 0
    if name.startswith(words):
        return 1
    return 2 if len(words) >= 4 and words in name else 3


@lru_cache(maxsize=2)
def _cities(language: str) -> tuple[tuple[Zone, tuple[str, ...]], ...]:
    return (*_big_cities(language), *_zone_cities(language))


def _big_cities(language: str) -> list[tuple[Zone, tuple[str, ...]]]:
    """Cities people live in that give no zone its name."""
    table = files("core.users").joinpath("cities.tsv").read_text("utf-8")
    cities: list[tuple[Zone, tuple[str, ...]]] = []
    for line in table.splitlines():
        russian, english, name, others = line.split("\t")
        names = [russian, english, *filter(None, others.split(", "))]
        title = russian if language == "ru" else english
        cities.append((Zone(name, title), tuple(each.casefold() for each in names)))
    return cities


def _zone_cities(language: str) -> list[tuple[Zone, tuple[str, ...]]]:
    # Babel knows the cities of zones in every language; it is slow to load and seldom needed.
    from babel import Locale

    here = Locale.parse(language)
    english = Locale.parse("en")
    cities: list[tuple[Zone, tuple[str, ...]]] = []
    for name in sorted(available_timezones()):
        area, _, city = name.rpartition("/")
        if not area or area.startswith(("Etc", "SystemV", "US", "posix", "right")):
            continue
        plain = city.replace("_", " ")
        titles = [_city(locale, name) or plain for locale in (here, english)]
        names = {plain.casefold(), name.casefold(), *(title.casefold() for title in titles)}
        cities.append((Zone(name, titles[0]), tuple(names)))
    return cities


def _city(locale: Any, zone: str) -> str | None:
    return locale.time_zones.get(zone, {}).get("city")
