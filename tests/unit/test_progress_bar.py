"""What an operator sees of a long work."""

from __future__ import annotations

import io

import pytest

from bot.cli.progress import ProgressBar
from core import Step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("bot.cli.progress.time.monotonic", lambda: now[0])
    return now


def test_on_a_terminal_one_line_grows_and_stays(clock: list[float]) -> None:
    out = Terminal()
    bar = ProgressBar(out)
    bar(Step("files", "bytes", 0, 10_000_000))
    clock[0] += 2
    bar(Step("files", "bytes", 5_000_000, 10_000_000))
    assert (
        "[############............]  50% 5.0 MB of 10.0 MB, 2.5 MB/s, 0:02 left" in out.getvalue()
    )
    assert "\n" not in out.getvalue()
    clock[0] += 3
    bar(Step("files", "bytes", 10_000_000, 10_000_000, ended=True))
    assert out.getvalue().rsplit("\r", 1)[1] == "files     10.0 MB in 0:05\x1b[K\n"


def test_elsewhere_a_line_now_and_then(clock: list[float]) -> None:
    out = io.StringIO()
    bar = ProgressBar(out)
    for done in range(100):
        clock[0] += 0.1
        bar(Step("database", "rows", done * 1000, 100_000))
    bar(Step("database", "rows", 100_000, 100_000, ended=True))
    *lines, last = out.getvalue().splitlines()
    assert len(lines) == 1
    assert "\r" not in out.getvalue()
    assert "rows/s" in lines[0]
    assert last == "database  100,000 rows in 0:10"


def test_where_nobody_knows_the_whole_there_is_no_share(clock: list[float]) -> None:
    out = io.StringIO()
    bar = ProgressBar(out)
    bar(Step("database", "bytes", 1, None))
    clock[0] += 10
    bar(Step("database", "bytes", 2_000_000_000, None))
    assert "%" not in out.getvalue()
    assert "2.00 GB, 200.0 MB/s" in out.getvalue()


def test_each_step_has_its_own_time(clock: list[float]) -> None:
    out = io.StringIO()
    bar = ProgressBar(out)
    bar(Step("database", "bytes", 0, 10))
    clock[0] += 60
    bar(Step("database", "bytes", 10, 10, ended=True))
    bar(Step("files", "bytes", 0, 10))
    clock[0] += 1
    bar(Step("files", "bytes", 10, 10, ended=True))
    assert out.getvalue().splitlines() == ["database  10 B in 1:00", "files     10 B in 0:01"]
