"""The two bots under measure, as processes on the same playground."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.processes import Ground, Process, stop_database

BARE, OURS = "bare handler", "this bot"


@dataclass(slots=True)
class Contestant:
    name: str
    bot: int
    process: Process
    to_first_poll: float
    people: list[int] = field(default_factory=list)

    def memory(self) -> float:
        """Megabytes of the bot's own process, shared pages counted in part (PSS)."""
        return psutil.Process(self.process.child.pid).memory_full_info().pss / 2**20


@asynccontextmanager
async def running(ground: Ground, folder: Path, name: str, bot: int) -> AsyncIterator[Contestant]:
    data = folder / f"data-{bot}"
    environment = ground.bot_environment(data) | {
        "BOT_TOKEN": f"{bot}:bench",
        "LOG_LEVEL": "WARNING",
    }
    module = "bench.yardstick" if name == BARE else "bot"
    process = Process("-m", module, log=folder / f"{bot}.log", env=environment)
    before = (await ground.get("counters"))["pending_updates"].get(str(bot))
    assert before is None, "a bot of this id has been here"
    began = time.perf_counter()
    await process.start()
    try:
        while str(bot) not in (await ground.get("counters"))["pending_updates"]:
            assert process.alive, process.text()
            assert time.perf_counter() - began < 60, process.text()
            await asyncio.sleep(0.005)
        yield Contestant(name, bot, process, time.perf_counter() - began)
    finally:
        await process.terminate()
        await stop_database(data)
