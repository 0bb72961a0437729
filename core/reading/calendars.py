"""ICS: events, tasks and notes of a calendar, with their own property names as labels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from icalendar import Calendar
from icalendar.prop import vBroken

from core.isolated import JobRefused
from core.reading import plain
from core.reading.extract import Extract

_BYTES = 4 * 2**20
_KINDS = ("VEVENT", "VTODO", "VJOURNAL")
_LINES = ("LOCATION", "DESCRIPTION", "STATUS", "ORGANIZER", "URL")


def read(path: Path, extract: Extract) -> None:
    """Times are shown as they stand in the file, each with its zone if it has one; repetitions as
    the rule itself, because the rule says more than a list of dates."""
    text, extract.whole = plain.load(path, _BYTES)
    calendars = _parsed(text)
    extract.parts = 0
    for item in _items(calendars):
        extract.parts += 1
        extract.paragraph("\n".join(_lines(item)))


def _parsed(text: str) -> list[Any]:
    # Broken calendars raise more kinds of errors than the library names.
    try:
        return cast(list[Any], Calendar.from_ical(text, multiple=True))
    except MemoryError:
        raise
    except Exception:
        raise JobRefused("broken") from None


def _items(calendars: list[Any]) -> Iterator[Any]:
    for calendar in calendars:
        yield from (component for component in calendar.walk() if component.name in _KINDS)


def _lines(item: Any) -> Iterator[str]:
    summary = " ".join(_text(item.get("SUMMARY")).split())
    yield f"## {summary}" if summary else f"## {item.name}"
    for name in ("DTSTART", "DTEND", "DUE", "DURATION"):
        for value in _values(item.get(name))[:1]:
            yield f"{name}: {_when(value)}"
    for name in ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"):
        for value in _values(item.get(name)):
            if shown := _when(value) if name != "RRULE" else _ical(value):
                yield f"{name}: {shown}"
    for name in _LINES:
        if shown := _text(item.get(name)).strip():
            yield f"{name}: {shown}"


def _values(value: Any) -> list[Any]:
    if value is None:
        return []
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(_values(value)[0]) if _values(value) else ""


def _when(value: Any) -> str:
    """Of one moment or span; of a list of them, all. What is no moment is shown as it stands."""
    if isinstance(value, vBroken):
        return _ical(value)
    moment: object = getattr(value, "dt", None)
    if moment is None:
        several: list[Any] = getattr(value, "dts", [])
        return ", ".join(_moment(one.dt, _zone(value)) for one in several) or _ical(value)
    return _moment(moment, _zone(value))


def _moment(moment: object, zone: str) -> str:
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%d %H:%M} {zone or moment.tzname() or ''}".strip()
    return str(moment)


def _zone(value: Any) -> str:
    parameters: dict[str, Any] = getattr(value, "params", {})
    return str(parameters.get("TZID") or "")


def _ical(value: Any) -> str:
    raw = value.to_ical()
    return raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else str(raw)
