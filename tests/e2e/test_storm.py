"""A small storm, as every run of the tests has it; `make storm` makes the great one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.storm import Weather, storm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


async def test_nothing_is_lost_in_a_storm(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "base").mkdir()
    weather = Weather(
        people=150, webhooks=2, workers=2, seconds=30, messages=450, freezes=(20.0,), crashes=1
    )
    outcome = await storm(weather, folder)
    with capsys.disabled():
        print("", *outcome.lines(), sep="\n")
    assert not outcome.reckoning.wrong
    assert outcome.reckoning.figures["visions"] == weather.people
    assert {"webhook killed", "worker killed", "database restarted"} <= set(outcome.happened)
    # Only what a killed or frozen worker was just sending may come twice.
    killed = outcome.happened["worker killed"] + len(weather.freezes)
    assert outcome.reckoning.repeated <= 8 * killed
