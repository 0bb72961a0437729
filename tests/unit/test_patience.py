"""An outage of the database is told once, however many wait for its end."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from core.database import patience
from core.database.patience import Outage, patiently
from core.errors import Unavailable
from core.tokenscount import rows

ROW = {
    "call_key": "k",
    "provider": "openai",
    "model": "gpt",
    "prompttokens": 1,
    "completiontokens": 1,
    "meta": {"requested_model": "gpt"},
}


class Away:
    """A database that does not answer until `back` is set."""

    notifies = False

    def __init__(self) -> None:
        self.back = asyncio.Event()
        self.asked = 0

    async def call(self, function: str, /, **arguments: Any) -> Any:
        self.asked += 1
        if not self.back.is_set():
            raise Unavailable(f"{function}: away")
        return {}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    outage = Outage()
    monkeypatch.setattr(patience, "outage", outage)
    monkeypatch.setattr(rows, "outage", outage)


async def waiting_turns(away: Away, caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    caplog.set_level(logging.INFO)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(patiently("complete_turn", lambda: away.call("complete_turn")))
        group.create_task(rows.write_row(away, ROW))  # type: ignore[arg-type]
        while away.asked < 20:
            await asyncio.sleep(0.01)
        away.back.set()
    await rows.flush(20)
    return [(each.levelname, each.getMessage()) for each in caplog.records]


async def test_an_outage_is_told_once_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    told = await waiting_turns(Away(), caplog)
    assert [level for level, _ in told] == ["WARNING", "INFO"]
    assert told[0][1].endswith("complete_turn: away")
    assert told[1][1] == "the database answers again"


async def test_a_long_one_is_told_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "REMIND_SECONDS", 0.0)
    told = await waiting_turns(Away(), caplog)
    assert len([level for level, _ in told if level == "WARNING"]) > 1
