"""A slice of what `python -m tests.fuzz.fuzz_readers` does."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.cases import Cases


def test_damaged_files_are_refused_or_read(tmp_path: Path) -> None:
    cases = Cases(20_261_120, tmp_path)
    outcomes = [cases.run(number) for number in range(300)]
    assert [outcome for outcome in outcomes if outcome.finding] == []
    # Readers that refuse everything, or take everything, prove nothing.
    assert {"read", "broken", "unsupported"} <= {outcome.result for outcome in outcomes}
    assert sum(outcome.result == "read" for outcome in outcomes) > 50
