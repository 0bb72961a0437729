"""Turns a second with one, two and four worker processes, and who uses the cores meanwhile.

Everything shares this machine: the playground (Telegram and the model), one webhook process, the
workers, and PostgreSQL with the durable settings of the product.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.processor import server_seconds
from tests.database import reachable_folder
from tests.e2e.balancer import balancer
from tests.e2e.fleet import Base, Fleet, base, fleet
from tests.processes import BOT_ID, Ground, Process, ground

COUNTS = (1, 2, 4)
LIMIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Model:
    what: str
    conduct: dict[str, Any]
    in_flight: int
    turns: int


MODELS = (
    Model(
        "answers within half a second, 16 turns in flight a worker",
        {"first_token": 0.25, "total": 0.5, "tokens": 10},
        16,
        400,
    ),
    Model("costs nothing", {"first_token": 0.0, "total": 0.0, "tokens": 2}, 1000, 600),
)


@dataclass(frozen=True, slots=True)
class Measured:
    rate: float
    shares: dict[str, float]
    """Of all cores of the machine."""


async def measure(folder: Path, model: Model, workers: int) -> Measured:
    async with ground(folder) as here, base(folder / "base") as store:
        await here.post("model", reset=True, journal_bodies=1, **model.conduct)
        own = {"DATABASE_URL": store.dsn, "TURNS_IN_FLIGHT": str(model.in_flight)}
        async with (
            fleet(here, store, folder / "data", own, 1, workers) as (ships, ports, door),
            balancer(ports, door),
        ):
            await ships.receives()
            people = await here.people(model.turns)
            await _all_say(here, people, "/new_vision Путь")
            await _until(store, "select count(*) from public.visions", len(people))
            await _round(here, store, ships, people[:50])
            return await _round(here, store, ships, people)


async def _round(here: Ground, store: Base, ships: Fleet, people: Sequence[int]) -> Measured:
    """All messages wait in the queue before the first turn begins, so that the intake is no part
    of the figure."""
    _signal(ships.workers, signal.SIGSTOP)
    try:
        await _all_say(here, people, "Что дальше?")
        await _until(store, "select count(*) from public.turn_queue", len(people))
        since = await here.last_seq()
        readings = _readings(here, store, ships)
        before = {who: read() for who, read in readings.items()}
        began = time.perf_counter()
    finally:
        _signal(ships.workers, signal.SIGCONT)
    answered = 0
    while answered < len(people):
        assert time.perf_counter() - began < LIMIT_SECONDS, f"{answered} answers only"
        sent = await here.sent(since=since, methods="sendMessage", wait=5, count=len(people))
        answered = len(sent)
    took = time.perf_counter() - began
    cores = took * (os.cpu_count() or 1)
    shares = {who: (read() - before[who]) / cores for who, read in readings.items()}
    return Measured(answered / took, shares)


def _readings(here: Ground, store: Base, ships: Fleet) -> dict[str, Callable[[], float]]:
    return {
        "playground": lambda: _seconds([here.process]),
        "workers": lambda: _seconds(ships.workers),
        "webhook": lambda: _seconds(ships.hooks),
        "database": lambda: server_seconds(store.folder),
    }


def _seconds(processes: Sequence[Process]) -> float:
    times = [psutil.Process(process.child.pid).cpu_times() for process in processes]
    return sum(one.user + one.system for one in times)


def _signal(processes: Sequence[Process], number: signal.Signals) -> None:
    for process in processes:
        process.child.send_signal(number)


async def _all_say(here: Ground, people: Sequence[int], text: str) -> None:
    await here.post("crowd", bot=BOT_ID, people=list(people), text=text)


async def _until(store: Base, query: str, count: int) -> None:
    limit = time.monotonic() + LIMIT_SECONDS
    while (await store.rows(query))[0][0] < count:
        assert time.monotonic() < limit, query
        await asyncio.sleep(0.2)


async def main() -> None:
    for model in MODELS:
        print(f"\nturns a second, a model that {model.what}:\n", flush=True)
        for workers in COUNTS:
            with reachable_folder() as folder:
                (folder / "base").mkdir()
                one = await measure(folder, model, workers)
            shares = ", ".join(f"{who} {share:.0%}" for who, share in one.shares.items())
            print(f"{workers} workers {one.rate:7.1f}/s   of all cores: {shares}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
