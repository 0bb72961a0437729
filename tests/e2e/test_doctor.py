"""`python -m bot doctor` as its operator meets it: all well, much broken, beside a bot at work."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres
from tests.processes import ROOT, TOKEN, Ground, bot_process, clean_environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

CONDUCT: dict[str, Any] = {"first_token": 0.0, "total": 0.0, "text": "Готов."}
DATABASE = ("database", "database version", "migrations", "database writes", "tokens counted")
COUNTED = "select model from tokenscount where meta ->> 'purpose' = 'doctor'"
LEASED = "select vision_id, lease, lease_by from turn_queue where lease is not null"


@dataclass(frozen=True)
class Report:
    code: int
    out: str
    err: str

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        return {check["name"]: check for check in json.loads(self.out)["checks"]}

    def statuses(self, *names: str) -> list[str]:
        return [self.checks[name]["status"] for name in names]

    @property
    def failed(self) -> set[str]:
        return {name for name, check in self.checks.items() if check["status"] == "failed"}


async def run(environment: Mapping[str, str], *command: str, out: int | None = None) -> Report:
    """With `out`, a terminal's end, nothing of its output is in the report."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *command),
        env=clean_environment() | dict(environment),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE if out is None else out,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(150):
        told, err = await child.communicate()
    assert child.returncode is not None
    return Report(child.returncode, (told or b"").decode(), err.decode())


def environment(here: Ground, data: Path, **settings: str) -> dict[str, str]:
    return here.bot_environment(data) | {"ADMIN_IDS": "1"} | settings


async def rows(data: Path, query: str) -> list[Any]:
    """From the embedded database, as one more of its users."""
    embedded = EmbeddedPostgres(data / "postgres")
    try:
        async with await psycopg.AsyncConnection.connect(await embedded.start()) as connection:
            return await (await connection.execute(query.encode())).fetchall()
    finally:
        await embedded.stop()


async def test_all_is_well(here: Ground, data: Path) -> None:
    await here.post("model", reset=True, **CONDUCT)
    assert (await run(environment(here, data), "migrate")).code == 0
    report = await run(environment(here, data, TTS_MODEL="a-voice"), "doctor", "--json")
    assert report.code == 0, report.out + report.err
    assert {check["status"] for check in report.checks.values()} == {"ok"}, report.out
    assert report.err == ""
    assert sorted(model for (model,) in await rows(data, COUNTED)) == [
        "a-voice",
        "gpt-6-luna",
        "gpt-6.1-terra",
        "gpt-transcribe",
    ]
    assert not [path for path in (data / "files").rglob("*") if path.is_file()]


async def test_what_is_broken_is_told_each_with_its_advice_and_in_time(
    here: Ground, data: Path
) -> None:
    await here.post("model", reset=True, **CONDUCT)
    await here.post("faults", method="getMe", status=401)
    (data / "postgres" / "data").mkdir(parents=True)
    (data / "postgres" / "data" / "PG_VERSION").write_text("18\n")
    (data / "files").write_text("in the way")
    broken = {
        "LLM_MODEL": "missing-model",
        "STT_BASE_URL": f"{here.url}/v1",
        "STT_API_KEY": "bad-key-of-the-ears-4321",
        "TTS_MODEL": "gpt-realtime-2.1-mini",
        "TTS_API": "speech",
    }
    with (data / "postgres.lock").open("wb") as gate:
        # The server of the database is not to be had, and nobody says for how long.
        fcntl.flock(gate, fcntl.LOCK_EX)
        report = await run(environment(here, data, **broken), "doctor", "--json")
    assert report.code == 1
    assert report.failed == {
        "Telegram",
        "database",
        "file store",
        "model",
        "hearing",
        "voice speaks",
    }
    for name, word in {
        "Telegram": "BotFather",
        "database": "log",
        "file store": "write in",
        "model": "LLM_MODEL",
        "hearing": "STT_API_KEY",
        "voice speaks": "TTS_MODEL",
    }.items():
        assert word in report.checks[name]["advice"], report.checks[name]
    assert report.statuses("updates", "model answers", *DATABASE[1:]) == ["skipped"] * 6
    assert report.statuses("cheap model answers", "disk space", "clock") == ["ok"] * 3
    assert json.loads(report.out)["seconds"] < 60
    for secret in (TOKEN, "bad-key", "sk-ground"):
        assert secret not in report.out + report.err


async def test_a_table_on_a_terminal_before_the_first_start_strictly(
    here: Ground, data: Path
) -> None:
    await here.post("model", reset=True, **CONDUCT)
    shown, terminal = pty.openpty()
    seeing = asyncio.to_thread(_read_all, shown)
    told = here.bot_environment(data)  # nobody in ADMIN_IDS: a warning
    report, seen = await asyncio.gather(
        _and_close(terminal, run(told, "doctor", "--strict", out=terminal)), seeing
    )
    assert report.code == 1
    assert "\x1b[33mwarning\x1b[0m  settings" in seen
    plain = re.sub(r"\x1b\[\d+m", "", seen).splitlines()
    assert max(map(len, plain)) <= 80
    assert any("→ Put your own Telegram id into ADMIN_IDS." in line for line in plain)
    assert any(re.match(r"skipped +database  .*there is none yet", line) for line in plain)
    assert re.fullmatch(
        r"Nothing is wrong: \d+ ok, 1 to look at, 5 skipped, in [\d.]+ s\.", plain[-1]
    )
    assert not (data / "postgres").exists()


async def test_settings_that_cannot_be_read(here: Ground, data: Path) -> None:
    report = await run(environment(here, data, LLM_API="telepathy"), "doctor")
    assert report.code == 2
    assert "LLM_API" in report.err


async def test_a_bot_at_work_is_not_disturbed(here: Ground, data: Path) -> None:
    slow = {"first_token": 8.0, "total": 8.0, "hearing": 0.0}
    await here.post("model", reset=True, **CONDUCT | slow)
    bot = bot_process(here, data)
    await bot.start()
    await here.until_polled()
    [person] = await here.people(1)
    await here.says(person, "/new_vision Дом")
    await here.says(person, "Хочу дом")
    async with asyncio.timeout(60):
        while not (leased := await rows(data, LEASED)):
            await asyncio.sleep(0.1)
    gone = {"LLM_MODEL": "missing-model", "LLM_MODEL_CHEAP": "missing-model"}
    report = await run(environment(here, data, **gone), "doctor", "--json")
    assert report.failed == {"model"}, report.out
    assert report.statuses(*DATABASE, "updates", "file store") == ["ok"] * 7
    # Nobody has taken the turn away: the lease is the same, or the answer is there.
    assert await rows(data, LEASED) in (leased, [])
    assert bot.alive
    assert await bot.terminate(90) == 0
    answered = await here.sent(methods="sendMessage", chat=person)
    assert sum("Готов." in entry["text"] for entry in answered) == 1
    assert "ERROR" not in bot.text()


async def _and_close(end: int, work: Any) -> Report:
    try:
        return await work
    finally:
        os.close(end)


def _read_all(shown: int) -> str:
    """Until the other end is closed by all who have it."""
    seen = b""
    try:
        while piece := os.read(shown, 4096):
            seen += piece
    except OSError:
        pass
    finally:
        os.close(shown)
    return seen.decode()
