"""Whose clock is wrong, and by how much it is for certain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from core.checkup.clock import Clock

SURE = timedelta(milliseconds=20)


async def test_nobody_to_ask() -> None:
    clock = Clock()
    clock.note_date("Telegram", None, datetime.now(UTC))
    clock.note_date("Telegram", "yesterday", datetime.now(UTC))
    assert (await clock.check()).status == "skipped"


async def test_a_date_of_now_is_fine_whole_seconds_and_all() -> None:
    clock = Clock()
    clock.note_date("Telegram", format_datetime(datetime.now(UTC), usegmt=True), datetime.now(UTC))
    verdict = await clock.check()
    assert verdict.status == "ok"
    assert "Telegram" in verdict.found


async def test_this_machine_is_behind() -> None:
    clock = Clock()
    later = datetime.now(UTC) + timedelta(minutes=3)
    clock.note_date("Telegram", format_datetime(later, usegmt=True), datetime.now(UTC))
    verdict = await clock.check()
    assert verdict.status == "warning"
    assert "behind that of Telegram" in verdict.found
    assert "set-ntp" in verdict.advice


async def test_beyond_five_minutes_it_has_failed() -> None:
    clock = Clock()
    clock.note("the database", timedelta(hours=3), SURE)
    clock.note("Telegram", timedelta(hours=3, seconds=2), SURE)
    verdict = await clock.check()
    assert verdict.status == "failed"
    assert "3 h ahead of that of Telegram" in verdict.found


async def test_one_against_the_others_is_the_one_to_be_set() -> None:
    clock = Clock()
    clock.note("the database", timedelta(minutes=-10), SURE)
    clock.note("Telegram", timedelta(), SURE)
    verdict = await clock.check()
    assert verdict.status == "failed"
    assert "right by Telegram" in verdict.found
    assert verdict.advice.startswith("Set the clock of the database")


async def test_a_slow_answer_proves_nothing() -> None:
    clock = Clock()
    clock.note("Telegram", timedelta(seconds=70), timedelta(seconds=30))
    assert (await clock.check()).status == "ok"
