"""How the commands open the playground: on another port, or with one line that says what to do."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bot.playground.opening as opening
from bot.playground import start_playground
from core import Misconfigured
from tests.processes import ROOT, clean_environment


async def test_another_port_is_taken_if_it_is_busy(tmp_path: Path) -> None:
    first = await opening.open_playground(tmp_path / "a", 0)
    port = int(first.url.rpartition(":")[2])
    second = await opening.open_playground(tmp_path / "b", port)
    assert second.url != first.url
    await second.close()
    await first.close()


@pytest.mark.parametrize("command", ["playground", "run"])
async def test_a_second_one_on_the_same_data_ends_with_one_line(
    tmp_path: Path, command: str
) -> None:
    here = await start_playground(state=tmp_path / "playground")
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot", command],
        cwd=ROOT,
        env=clean_environment() | {"DATA_DIR": str(tmp_path), "PLAYGROUND_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    await here.close()
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "stop it, set another DATA_DIR, or set BOT_TOKEN" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
async def test_what_is_no_busy_port_is_not_taken_for_one(
    tmp_path: Path,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails(**arguments: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path))

    monkeypatch.setattr(opening, "start_playground", fails)
    with pytest.raises(Misconfigured, match=os.strerror(number)):
        await opening.open_playground(tmp_path, 8080)
    assert "is taken" not in caplog.text
