"""Calendars: the hour that the person meant, whoever reads the file and wherever."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.making_jobs import MOSCOW, made_bytes

BERLIN = ZoneInfo("Europe/Berlin")


def book_of(*events: dict[str, Any], **arguments: Any) -> Any:
    data = made_bytes(format="ics", events=list(events), **arguments)
    assert b"\r\n" in data
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return icalendar.Calendar.from_ical(data)


def event_of(**fields: Any) -> Any:
    zone = fields.pop("zone", MOSCOW)
    event = {"title": "Созвон", "start": "2026-12-01T10:00", **fields}
    (found,) = book_of(event, zone=zone).walk("VEVENT")
    return found


def test_times_are_those_of_the_person() -> None:
    event = event_of(end="2026-12-01T11:30")
    assert event.start == datetime(2026, 12, 1, 10, 0, tzinfo=MOSCOW)
    assert event.end == datetime(2026, 12, 1, 11, 30, tzinfo=MOSCOW)
    assert event["DTSTART"].params["TZID"] == "Europe/Moscow"


def test_an_event_takes_an_hour_unless_told() -> None:
    event = event_of()
    assert event.end - event.start == timedelta(hours=1)


def test_a_time_with_a_zone_of_its_own_is_moved_to_the_persons() -> None:
    event = event_of(start="2026-12-01T10:00Z")
    assert event.start == datetime(2026, 12, 1, 13, 0, tzinfo=MOSCOW)
    assert event["DTSTART"].params["TZID"] == "Europe/Moscow"


@pytest.mark.parametrize(
    "fields", [{"start": "2026-12-29"}, {"start": "2026-12-29T10:00", "all_day": True}]
)
def test_whole_days_end_with_the_last_one(fields: dict[str, Any]) -> None:
    event = event_of(**fields, end="2027-01-08")
    assert (event.start, event.end) == (date(2026, 12, 29), date(2027, 1, 9))
    alone = event_of(**fields)
    assert (alone.start, alone.end) == (date(2026, 12, 29), date(2026, 12, 30))


def test_zones_travel_with_the_file() -> None:
    book = book_of({"title": "x", "start": "2026-07-01T10:00", "repeat": "weekly"}, zone=BERLIN)
    (zone,) = book.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Berlin"
    here = zone.to_tz()
    for month in (1, 7):
        moment = datetime(2027, month, 15, 12, 0)
        assert moment.replace(tzinfo=here).utcoffset() == moment.replace(tzinfo=BERLIN).utcoffset()


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (UTC, "20261201T100000Z"),
        (timezone(timedelta(hours=5)), "20261201T100000"),
        (timezone(timedelta(hours=5, minutes=30)), "20261201T043000Z"),
    ],
)
def test_offsets_are_zones_too(zone: Any, expected: str) -> None:
    event = event_of(zone=zone)
    assert event["DTSTART"].to_ical().decode() == expected
    assert event.start == datetime(2026, 12, 1, 10, 0, tzinfo=zone)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"repeat": "daily"}, "FREQ=DAILY"),
        ({"repeat": "weekly", "every": 2, "times": 10}, "FREQ=WEEKLY;COUNT=10;INTERVAL=2"),
        ({"repeat": "monthly", "until": "2027-03-01"}, "FREQ=MONTHLY;UNTIL=20270301T205959Z"),
        ({"repeat": "yearly", "weekdays": ["MO"]}, "FREQ=YEARLY"),
        ({"repeat": "weekly", "weekdays": ["FR", "TU"]}, "FREQ=WEEKLY;BYDAY=TU,FR"),
        ({"weekdays": ["TU"], "times": 3, "until": "2027-03-01"},
         "FREQ=WEEKLY;UNTIL=20270301T205959Z;BYDAY=TU"),
    ],
)  # fmt: skip
def test_repeating(fields: dict[str, Any], rule: str) -> None:
    assert event_of(**fields)["RRULE"].to_ical().decode() == rule


def test_a_whole_day_repeats_until_a_day() -> None:
    event = event_of(start="2026-12-01", repeat="weekly", until="2027-03-01")
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270301"


def test_the_first_day_is_one_of_its_weekdays() -> None:
    """1 December 2026 is a Tuesday."""
    assert event_of(repeat="weekly", weekdays=["MO", "TH"]).start.date() == date(2026, 12, 3)
    assert event_of(repeat="weekly", weekdays=["TU"]).start.date() == date(2026, 12, 1)


def test_weekdays_are_those_of_the_person_even_in_another_zone() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    event = event_of(start="2026-12-01T02:00", weekdays=["TU"], repeat="weekly", zone=india)
    assert event.start == datetime(2026, 12, 1, 2, 0, tzinfo=india)
    assert event["RRULE"]["BYDAY"] == ["MO"]  # in UTC it is still Monday


def test_a_reminder() -> None:
    (alarm,) = event_of(reminder_minutes=15).walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-15)
    assert alarm["ACTION"] == "DISPLAY"
    assert not event_of().walk("VALARM")


def test_the_same_event_has_the_same_id() -> None:
    first, second, other, twin = (
        book_of(*events).walk("VEVENT")[-1]["UID"]
        for events in (
            [{"title": "а", "start": "2026-12-01"}],
            [{"title": "а", "start": "2026-12-01", "description": "новое"}],
            [{"title": "б", "start": "2026-12-01"}],
            [{"title": "а", "start": "2026-12-01"}] * 2,
        )
    )
    assert first == second
    assert len({first, other, twin}) == 3


def test_words_cant_leave_their_line() -> None:
    nasty = 'x\r\nEND:VEVENT\nBEGIN:VALARM\\n;,:"\nATTACH:file:///etc/passwd'
    event = event_of(title=nasty, description=nasty, location=nasty)
    assert not event.walk("VALARM")
    assert "ATTACH" not in event
    assert event["DESCRIPTION"] == nasty.replace("\r\n", "\n")
    assert event["SUMMARY"] == " ".join(nasty.split())


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    title=st.text(min_size=1, max_size=60).filter(lambda text: text.strip().isprintable()),
    description=st.text(max_size=200),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    zone=st.sampled_from(["Europe/Moscow", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
    weekdays=st.lists(st.sampled_from(["MO", "WE", "SU"]), max_size=3),
)
def test_any_event_is_read_back(
    title: str, description: str, start: datetime, zone: str, weekdays: list[str]
) -> None:
    start = start.replace(microsecond=0)
    if not title.strip():
        return
    event = event_of(
        title=title, description=description, start=start.isoformat(), zone=ZoneInfo(zone),
        repeat="weekly", weekdays=weekdays, reminder_minutes=0,
    )  # fmt: skip
    assert 0 <= (event.start.replace(tzinfo=None) - start).days < 7
    assert event.start.time() == start.time()
    assert event["SUMMARY"] == " ".join(title.split())
