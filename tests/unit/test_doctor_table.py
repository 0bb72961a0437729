"""What the doctor prints: 80 columns, nothing lost, JSON for programs."""

from __future__ import annotations

import json
import re

import pytest

from bot.doctor.table import WIDTH, as_json, row, summary
from core import Result

LONG = "the server at a-very-long-name.of-a-project.supabase.co refuses the key of this bot " * 3
RESULTS = [
    Result(0, "settings", "ok", "data in data, updates by polling", "", 1),
    Result(1, "cheap model answers", "failed", LONG, "Do this. " * 20, 9000),
    Result(2, "database version", "warning", "x" * 200, "Short.", 3),
    Result(3, "clock", "skipped", "because no server has told the time", "", 0),
]


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.name)
def test_a_row_keeps_to_the_width_and_to_every_word(result: Result) -> None:
    lines = row(result).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert re.sub(r"\s|→", "", row(result)) == re.sub(
        r"\s", "", f"{result.status}{result.name}{result.found}{result.advice}"
    ).replace("failed", "FAILED", 1)
    assert ("→" in row(result)) == bool(result.advice)


def test_columns_stand_under_each_other_with_and_without_colours() -> None:
    places = {row(result).splitlines()[0].index(result.found[:10]) for result in RESULTS}
    assert len(places) == 1
    for result in RESULTS:
        assert re.sub(r"\x1b\[\d+m", "", row(result, colours=True)) == row(result)


def test_the_last_line_counts() -> None:
    assert summary(RESULTS, 1.234) == (
        "Something is wrong: 1 ok, 1 to look at, 1 failed, 1 skipped, in 1.2 s."
    )
    assert summary(RESULTS[2:3], 0.5) == "Nothing is wrong: 0 ok, 1 to look at, in 0.5 s."
    assert summary(RESULTS[:1], 0.5) == "All is well: 1 ok, in 0.5 s."


def test_json_has_all_of_it() -> None:
    told = json.loads(as_json(RESULTS, 1.25, passed=False))
    assert told["passed"] is False
    assert [check["name"] for check in told["checks"]] == [result.name for result in RESULTS]
    assert told["checks"][1] == {
        "name": "cheap model answers",
        "status": "failed",
        "found": LONG,
        "advice": "Do this. " * 20,
        "milliseconds": 9000,
    }
