"""What is kept on this machine is for the bot alone, whoever else has an account here."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from tests.processes import Ground, Process, bot_process

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

# As root, the database's own user has to pass through.
TOP = 0o711 if os.geteuid() == 0 else 0o700


def open_to_others(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): stat.filemode(path.lstat().st_mode)
        for path in folder.rglob("*")
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    }


async def test_everything_kept_is_closed_to_others(here: Ground, folder: Path, data: Path) -> None:
    data.mkdir(mode=0o777)
    data.chmod(0o777)
    await here.post("model", reset=True, first_token=0.1, total=0.3, tokens=4, text="Heard.")
    bot = bot_process(here, data)
    await bot.start()
    await here.until_polled()
    [person] = await here.people(1)
    await here.says(person, "/new_vision House")
    await here.sends(person, "note.txt", b"A house at the sea")
    async with asyncio.timeout(60):
        while not [e for e in await here.sent(chat=person) if "Heard." in e.get("text", "")]:
            await asyncio.sleep(0.1)
    running = open_to_others(data)
    assert await bot.terminate() == 0

    assert stat.S_IMODE(data.stat().st_mode) == TOP
    assert {path.name for path in data.iterdir()} >= {"files", "postgres"}
    assert list((data / "files" / "kept").rglob("*"))
    assert running == {}
    assert open_to_others(data) == {}

    away = folder / "away"
    away.mkdir()
    backup = Process(
        "-m", "bot", "backup", str(away / "all.backup"),
        log=folder / "backup.log", env=here.bot_environment(data),
    )  # fmt: skip
    await backup.start()
    assert await asyncio.wait_for(backup.child.wait(), 120) == 0, backup.text()
    await backup.terminate()
    assert list(away.iterdir())
    assert open_to_others(away) == {}


async def test_the_playground_keeps_its_chats_to_itself(folder: Path, data: Path) -> None:
    process = Process(
        "-m", "bot", "playground",
        log=folder / "playground.log", env={"DATA_DIR": str(data), "PLAYGROUND_PORT": "0"},
    )  # fmt: skip
    await process.start()
    assert (await process.line()).startswith("http://127.0.0.1:"), process.text()
    await process.terminate()
    assert list((data / "playground").iterdir())
    assert open_to_others(data) == {}
