"""`python -m bot admin` beside a running bot: scripts see and do what admins do in the chat."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.database import database_server, dsn
from tests.processes import ROOT, Ground, bot_process, clean_environment

__all__ = ["database_server", "dsn"]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Console:
    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    async def __call__(self, *command: str, text: str = "") -> Told:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", "admin", *command),
            env=clean_environment() | self._environment,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            out, err = await child.communicate(text.encode())
        assert child.returncode is not None
        return Told(child.returncode, out.decode(), err.decode())


@pytest.fixture
async def console(here: Ground, folder: Path, dsn: str) -> AsyncIterator[Console]:
    """Beside a running bot, from a shell that does not know who may come in to it."""
    data = folder / "data"
    bot = bot_process(here, data, DATABASE_URL=dsn, ACCESS_MODE="invite")
    await bot.start()
    try:
        await here.until_polled()
        yield Console(here.bot_environment(data) | {"DATABASE_URL": dsn})
    finally:
        await bot.terminate()


async def heard(here: Ground, person: int, words: str) -> None:
    async with asyncio.timeout(90):
        while not any(words in str(sent) for sent in await here.sent(chat=person)):
            await asyncio.sleep(0.2)


async def reach_many(console: Console, here: Ground, person: int) -> None:
    """A broadcast and an answer to feedback arrive."""
    await here.says(person, "/feedback")
    await here.says(person, "Где тайна?")
    sent, far = await asyncio.gather(
        console("broadcast", "-", "--to", "guest", "--yes", "--json", text="Всем из скрипта\n"),
        console("numbers", "--days", "32"),
    )
    assert (sent.code, sent.err) == (0, "It goes to 1 person (guest).\n")
    assert (sent.json["broadcast"]["people"], far.code) == (1, 2)
    await heard(here, person, "Всем из скрипта")
    await heard(here, person, "Передал команде")
    threads, listed, nowhere = await asyncio.gather(
        console("feedback", "--json"),
        console("broadcasts", "--json"),
        console("broadcast-stop", "12345"),
    )
    assert listed.json["items"][0]["counts"] == {"sent": 1}
    assert (nowhere.code, nowhere.err) == (1, "Refused: there is no such broadcast\n")
    assert "тайна" not in threads.out
    [thread] = threads.json["items"]
    answered = await console("answer", str(thread["id"]), "-", text="Ответ из скрипта\n")
    assert answered.code == 0
    await heard(here, person, "Ответ из скрипта")


async def test_scripts_do_what_admins_do(console: Console, here: Ground) -> None:
    [person] = await here.people(1)
    await here.says(person, "/start")
    await heard(here, person, "спутник")
    people = (await console("users", "--json")).json
    assert (people["total"], people["items"][0]["telegram_id"]) == (1, person)
    user_id = people["items"][0]["user_id"]
    assert people["items"][0]["level"] == "guest"
    await reach_many(console, here, person)

    written = await console("write", str(person), "--key", "1", text="Привет из скрипта\n")
    assert (written.code, written.err) == (0, "")
    await heard(here, person, "Привет из скрипта")
    again = await console("write", str(person), "Привет из скрипта", "--key", "1")
    assert again.out == "sent before\n"

    limited = await console("limit", user_id, "messages_per_day=7", "tokens_per_day=level")
    assert limited.code == 0
    invite, refused, wrong, misspelt = await asyncio.gather(
        console("invite", "--uses", "3", "--note", "школа", "--json"),
        console("user", "@nobody"),
        console("limit", user_id, "messages=7"),
        console("king", user_id),
    )
    assert invite.json["link"].startswith("https://t.me/")
    assert invite.json["link"].endswith("?start=i_" + invite.json["code"])
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "Refused: there is no such person\n"
    assert (wrong.code, misspelt.code) == (1, 2)

    assert (await console("block", user_id)).out == f"{user_id}: done\n"
    await here.says(person, "Ещё здесь?")
    blocked, card, log = await asyncio.gather(
        console("block", str(person)), console("user", user_id), console("log", "--json")
    )
    assert (blocked.code, blocked.out) == (0, f"{user_id}: it was so already\n")
    assert "messages_per_day     7, own" in card.out
    assert "blocked" in card.out
    acts = log.json["items"]
    assert [act["act"] for act in acts][:2] == ["set_level", "make_invite"]
    assert {"broadcast_started", "answer_feedback"} <= {act["act"] for act in acts}
    assert {act["admin_id"].partition(":")[0] for act in acts} == {"console"}
    assert "Привет" not in log.out
    assert "из скрипта" not in log.out
    back, table = await asyncio.gather(console("unblock", user_id), console("csv", "--days", "2"))
    assert (back.code, table.code) == (0, 0)
    assert len(table.out.splitlines()) == 3
