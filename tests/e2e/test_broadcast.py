"""A small broadcast with kills, as every run of the tests has it; `make broadcast` makes the great
one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.broadcast import Weather, broadcast

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


async def test_nobody_gets_it_twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "base").mkdir()
    weather = Weather(people=200, workers=2, per_second=30, kills=4, hurry=True)
    outcome = await broadcast(weather, folder)
    with capsys.disabled():
        print("", *outcome.lines(), sep="\n")
    assert not outcome.wrong
    assert sum(outcome.states.values()) == weather.people
    assert outcome.most_begun <= weather.per_second
    # Lost answers are four; the rest was being sent by somebody who was killed.
    kills = outcome.happened["worker killed"] + weather.workers
    assert outcome.states.get("unclear", 0) <= 4 + 8 * kills
