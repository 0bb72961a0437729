"""The process as its operator meets it: start, stop, start again, start twice, start wrongly."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Ground, Process, bot_process, gone, postmaster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

CONDUCT: dict[str, Any] = {"first_token": 0.2, "total": 1.5, "tokens": 10, "text": "Ответ."}


async def begun(here: Ground, data: Path, **conduct: Any) -> tuple[Process, int]:
    """A running bot, and a person with a vision."""
    await here.post("model", reset=True, **CONDUCT | conduct)
    bot = bot_process(here, data)
    await bot.start()
    await here.until_polled()
    [person] = await here.people(1)
    await here.says(person, "/new_vision Дом")
    return bot, person


async def heard(here: Ground, person: int, text: str, seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not [
            entry
            for entry in await here.sent(methods="sendMessage", chat=person)
            if text in entry["text"]
        ]:
            await asyncio.sleep(0.1)


async def model_is_asked(here: Ground) -> None:
    async with asyncio.timeout(30):
        while not (await here.get("model", last=0))["in_flight"]:
            await asyncio.sleep(0.02)


async def test_sigterm_ends_what_is_in_flight_and_the_database(here: Ground, data: Path) -> None:
    bot, person = await begun(here, data)
    await here.says(person, "Хочу дом")
    await model_is_asked(here)
    server = postmaster(data)

    assert await bot.terminate() == 0

    await heard(here, person, "Ответ.", 1)
    assert gone(server)
    assert (await here.get("counters"))["pending_updates"]["4242"] == 0


async def test_a_second_signal_hurries_and_still_stop_the_database(
    here: Ground, data: Path
) -> None:
    bot, person = await begun(here, data, total=20)
    await here.says(person, "Хочу дом")
    await model_is_asked(here)
    server = postmaster(data)
    bot.child.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        while "stopping" not in bot.text():
            await asyncio.sleep(0.02)
    await bot.terminate(15)
    assert "at once" in bot.text()
    assert gone(server)


@pytest.mark.parametrize("seconds", [0.3, 1.0])
async def test_sigterm_during_the_start_leaves_nothing_behind(
    here: Ground, data: Path, seconds: float
) -> None:
    bot = bot_process(here, data)
    await bot.start()
    await asyncio.sleep(seconds)
    await bot.terminate()
    pid_file = data / "postgres" / "data" / "postmaster.pid"
    assert not pid_file.exists()


async def test_after_a_restart_the_person_simply_continues(here: Ground, data: Path) -> None:
    bot, person = await begun(here, data, total=0.3)
    await here.says(person, "Хочу дом у моря")
    await heard(here, person, "Ответ.")
    await bot.terminate()
    await here.says(person, "С чего начать?")
    await here.post("reset")

    await bot.start()
    await heard(here, person, "Ответ.")
    [request] = (await here.get("model", last=1))["requests"]
    said = [message["content"] for message in request["messages"]]
    assert any("Хочу дом у моря" in words for words in said)
    await bot.terminate()


async def test_two_processes_on_one_folder_help_each_other(here: Ground, data: Path) -> None:
    await here.post("model", reset=True, **CONDUCT | {"total": 0.3})
    first, second = bot_process(here, data), bot_process(here, data)
    await first.start()
    await here.until_polled()
    await second.start()
    [person] = await here.people(1)
    await here.says(person, "/new_vision Дом")
    await here.says(person, "Хочу дом")
    await heard(here, person, "Ответ.")
    assert first.alive
    assert second.alive

    assert await first.terminate() == 0
    assert postmaster(data).is_running()
    await here.post("reset")
    await here.says(person, "Ты тут?")
    await heard(here, person, "Ответ.")
    server = postmaster(data)
    assert await second.terminate() == 0
    assert gone(server)
    conflicts = (await here.get("counters"))["refused"]
    assert "getUpdates" not in conflicts


async def test_a_killed_database_comes_back_by_itself(here: Ground, data: Path) -> None:
    bot, person = await begun(here, data, total=0.3)
    await heard(here, person, "Дом")
    postmaster(data).kill()
    await here.says(person, "Хочу дом")
    await heard(here, person, "Ответ.")
    assert await bot.terminate() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to give the server to")
async def test_started_as_root_the_server_runs_as_somebody_small(
    here: Ground, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    modes = [parent.stat().st_mode for parent in (closed, *closed.parents)]
    data = closed / "data"
    bot = bot_process(here, data)
    await bot.start()
    await here.until_polled()
    server = postmaster(data)
    assert server.uids().real != 0
    assert modes == [parent.stat().st_mode for parent in (closed, *closed.parents)]
    assert str((data / "postgres").resolve()) in bot.text()
    shelter = (data / "postgres").resolve()
    assert await bot.terminate() == 0
    assert gone(server)
    shutil.rmtree(shelter)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"LLM_MODLE": "x"}, "LLM_MODLE"),
        ({"MAX_MESSAGES": "many"}, "MAX_MESSAGES"),
        ({"BOT_TOKEN": "nonsense"}, "BOT_TOKEN"),
        ({"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/x"}, "DATABASE_URL"),
    ],
)
async def test_a_wrong_start_ends_with_one_clear_line(
    here: Ground, data: Path, folder: Path, settings: dict[str, str], named: str
) -> None:
    log = folder / "wrong.log"
    bot = Process("-m", "bot", log=log, env=here.bot_environment(data) | settings)
    await bot.start()
    async with asyncio.timeout(60):
        assert await bot.child.wait() == 2
    lines = [line for line in log.read_text().splitlines() if line.startswith("Error")]
    assert len(lines) == 1
    assert named in lines[0]
    assert "secret" not in log.read_text()
    assert "Traceback" not in log.read_text()
