"""ICS: events that any calendar takes, at the hour that the person meant wherever they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import icalendar

from core.making.request import Event, Request, Weekday
from core.users.zones import zone_of

JOBS = ("make",)

_WEEK: tuple[Weekday, ...] = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    """`zone` is an IANA name or ±HH:MM; times that carry no zone are in it."""
    request = Request.model_validate(arguments["request"])
    here = _known(zone_of(arguments["zone"], "en"))
    book = cast("Any", icalendar).Calendar()
    book.add("prodid", "-//vision-path//create_document//EN")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    if request.title:
        book.add("x-wr-calname", request.title)
    made = datetime.now(UTC)
    for event, uid in _with_uids(request.events or []):
        book.add_component(_component(event, uid, made, here))
    first = min(_day(event.start) for event in request.events or ())
    book.add_missing_timezones(first_date=first.replace(month=1, day=1) - _DAY)
    Path(arguments["path"]).write_bytes(book.to_ical())
    return {}


def _known(zone: tzinfo) -> tzinfo:
    """Calendars know zones by name, and have names for offsets of whole hours."""
    if isinstance(zone, ZoneInfo):
        return zone
    hours, rest = divmod(zone.utcoffset(None) or timedelta(), _HOUR)
    return zone if rest or not -12 <= hours <= 14 else ZoneInfo(f"Etc/GMT{-hours:+d}")


def _with_uids(events: list[Event]) -> Iterator[tuple[Event, str]]:
    """The same event made again has the same id, so calendars renew it instead of doubling it."""
    seen: dict[str, int] = {}
    for event in events:
        words = f"{event.title}\n{event.start.isoformat()}"
        seen[words] = seen.get(words, -1) + 1
        digest = hashlib.sha256(f"{words}\n{seen[words]}".encode()).hexdigest()
        yield event, f"{digest[:32]}@vision-path"


def _component(event: Event, uid: str, made: datetime, here: tzinfo) -> Any:
    start, end = _times(event, here)
    shift = _to_first_weekday(event, start, here)
    component = cast("Any", icalendar).Event()
    component.add("uid", uid)
    component.add("dtstamp", made)
    component.add("summary", event.title)
    component.add("dtstart", start + shift)
    component.add("dtend", end + shift)
    if event.location:
        component.add("location", event.location)
    if event.description:
        component.add("description", event.description)
    if event.whole_days:
        component.add("transp", "TRANSPARENT")
    if event.repeat or event.weekdays:
        component.add("rrule", _rule(event, start, here))
    if event.reminder_minutes is not None:
        component.add_component(_alarm(event))
    return component


def _alarm(event: Event) -> Any:
    alarm = cast("Any", icalendar).Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event.title)
    alarm.add("trigger", -timedelta(minutes=event.reminder_minutes or 0))
    return alarm


def _times(event: Event, here: tzinfo) -> tuple[date, date]:
    """In a calendar the end is the first moment, or the first day, that is free again."""
    if event.whole_days:
        first, last = _day(event.start), _day(event.end or event.start)
        return first, max(first, last) + _DAY
    start = _local(event.start, here)
    end = _local(event.end, here) if event.end else start + _HOUR
    return start, end if end > start else start + _HOUR


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _local(moment: date, here: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    moment = moment.astimezone(here) if moment.tzinfo else moment.replace(tzinfo=here)
    return moment if isinstance(here, ZoneInfo) else moment.astimezone(UTC)


def _rule(event: Event, start: date, here: tzinfo) -> dict[str, Any]:
    days = _weekdays(event)
    rule: dict[str, Any] = {"freq": "weekly" if days else event.repeat}
    if event.every and event.every > 1:
        rule["interval"] = event.every
    if event.until and isinstance(start, datetime):
        rule["until"] = _local(datetime.combine(event.until, time(23, 59, 59)), here).astimezone(
            UTC
        )
    elif event.until:
        rule["until"] = event.until
    elif event.times:
        rule["count"] = event.times
    if days:
        # The rule counts days in the zone of the start, which may be another day than here.
        moved = start.weekday() - _here(start, here).weekday()
        rule["byday"] = [_WEEK[(_WEEK.index(day) + moved) % 7] for day in days]
    return rule


def _weekdays(event: Event) -> tuple[Weekday, ...]:
    if event.repeat in {"monthly", "yearly"}:
        return ()
    return tuple(day for day in _WEEK if day in (event.weekdays or ()))


def _to_first_weekday(event: Event, start: date, here: tzinfo) -> timedelta:
    """Calendars disagree about a first day that its own rule does not name."""
    days = {_WEEK.index(day) for day in _weekdays(event)}
    today = _here(start, here).weekday()
    return _DAY * min(((day - today) % 7 for day in days), default=0)


def _here(moment: date, here: tzinfo) -> date:
    return moment.astimezone(here) if isinstance(moment, datetime) else moment
