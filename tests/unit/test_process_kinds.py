"""What a process of each kind needs, said before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main

COMPLETE = {
    "BOT_TOKEN": "4242:ground",
    "TELEGRAM_API_URL": "http://127.0.0.1:9",
    "OPENAI_API_KEY": "sk-ground",
    "WEBHOOK_URL": "http://127.0.0.1:9/hook",
}


@pytest.mark.parametrize(
    ("command", "without", "named"),
    [
        (["worker"], {"BOT_TOKEN", "TELEGRAM_API_URL"}, "playground"),
        (["webhook"], {"BOT_TOKEN", "TELEGRAM_API_URL"}, "playground"),
        (["webhook", "--delete"], {"BOT_TOKEN", "TELEGRAM_API_URL"}, "BOT_TOKEN"),
        (["webhook"], {"WEBHOOK_URL"}, "WEBHOOK_URL"),
    ],
)
def test_a_start_that_can_not_work_ends_with_one_line(
    command: list[str],
    without: set[str],
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in COMPLETE:
        monkeypatch.delenv(name, raising=False)
    for name, value in COMPLETE.items():
        if name not in without:
            monkeypatch.setenv(name, value)
    assert main(command) == 2
    [line] = capsys.readouterr().err.splitlines()[-1:]
    assert line.startswith("Error: ")
    assert named in line
    assert not (tmp_path / "data" / "postgres").exists()
