"""Time zones by what people write."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.users.zones import find_zones, zone_of

NOW = datetime(2026, 11, 20, 12)


@pytest.mark.parametrize(
    ("words", "language", "hours"),
    [
        ("Москва", "ru", 3),
        ("  екатеринбург ", "ru", 5),
        ("питер", "ru", 3),
        ("Нью-Йорк", "ru", -5),
        ("new york", "en", -5),
        ("London", "en", 0),
        ("Europe/Berlin", "en", 1),
        ("+3", "ru", 3),
        ("UTC-3", "ru", -3),
        ("GMT+5:30", "en", 5.5),
        ("мск+2", "ru", 5),
        ("−7", "ru", -7),
        ("5", "ru", 5),
        ("+3,5", "ru", 3.5),
        ("—5", "ru", -5),
    ],
)
def test_what_people_write(words: str, language: str, hours: float) -> None:
    zone = find_zones(words, language)[0]
    assert zone_of(zone.name, language).utcoffset(NOW) == timedelta(hours=hours)


@pytest.mark.parametrize("words", ["", "   ", "+25", "-13", "+3:75", "Простоквашино", "Etc/GMT+5"])
def test_what_is_no_zone(words: str) -> None:
    assert find_zones(words, "ru") == []


def test_a_beginning_offers_several() -> None:
    assert {"Санкт-Петербург", "Сан-Франциско"} <= {
        zone.title for zone in find_zones("сан", "ru", limit=20)
    }


@given(st.text(max_size=40))
def test_whatever_is_written_gives_zones_that_work(words: str) -> None:
    for zone in find_zones(words, "en"):
        assert zone_of(zone.name, "en").utcoffset(NOW) is not None


def test_an_unknown_stored_name_is_no_disaster() -> None:
    assert zone_of("Mars/Olympus", "ru").utcoffset(NOW) == timedelta(0)
