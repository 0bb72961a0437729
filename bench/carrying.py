"""What the database carries when the model costs nothing, and whether what is stored matters.

PostgreSQL runs as the product's own (fsync, full_page_writes and synchronous_commit on); it and the
clients share this machine's cores.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from bench.filling import Filled, fill
from bench.lives import READY_SECONDS, Done, Order, enter, live, shares
from bench.processor import server_seconds
from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate
from tests.database import MIGRATIONS, reachable_folder

SIZES = (1_000, 100_000, 1_000_000)
CLIENTS = 2
IN_FLIGHT = 16
WARM_SECONDS = 4.0
SECONDS = 10.0
HISTORY = 30
ACTIVE = 20_000
RUNS: dict[str, Any] = {
    "receive, claim, complete": {"whole": False},
    "with sign-in, tokens and receipt": {"whole": True},
}


@dataclass(frozen=True, slots=True)
class Carried:
    rate: float
    server_ms: float
    """Processor milliseconds of all PostgreSQL processes for one turn."""

    client_ms: float
    calls: float
    times: dict[str, tuple[float, float]]
    """Milliseconds as the client sees them, p50 and p95."""

    inside: dict[str, float]
    """Mean milliseconds inside each function, as the server counts them."""

    waits: dict[str, int]
    """What sessions were seen waiting for, in samples."""


async def carry(
    dsn: str, data: Path, filled: Filled, *, whole: bool, seconds: float = SECONDS, **more: int
) -> Carried:
    clients = more.get("clients", CLIENTS)
    orders = [
        Order(
            dsn,
            f"bench:{number}",
            people,
            more.get("in_flight", IN_FLIGHT),
            WARM_SECONDS,
            seconds,
            whole,
            more.get("history", HISTORY),
        )
        for number, people in enumerate(shares(filled.people, clients, ACTIVE))
    ]
    loop = asyncio.get_running_loop()
    context = get_context("spawn")
    together = context.Barrier(clients + 1)
    waits: dict[str, int] = {}
    with ProcessPoolExecutor(clients, context, enter, (together,)) as pool:
        lives = [loop.run_in_executor(pool, live, order) for order in orders]
        await asyncio.to_thread(together.wait, READY_SECONDS)
        await asyncio.sleep(WARM_SECONDS)
        before = server_seconds(data)
        await _watch(dsn, seconds, waits)
        used = server_seconds(data) - before
        done = await asyncio.gather(*lives)
    # Statistics come a moment later.
    await asyncio.sleep(1.0)
    return _carried(done, used, await _inside(dsn), waits)


async def _watch(dsn: str, seconds: float, seen: dict[str, int]) -> None:
    ends = time.monotonic() + seconds
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < ends:
            rows = await connection.execute(
                "select coalesce(wait_event_type || ':' || wait_event, 'running')"
                " from pg_stat_activity where datname = current_database()"
                " and state = 'active' and pid <> pg_backend_pid()"
            )
            for (what,) in await rows.fetchall():
                seen[what] = seen.get(what, 0) + 1
            await asyncio.sleep(min(0.25, max(0.0, ends - time.monotonic())))


async def _inside(dsn: str) -> dict[str, float]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        rows = await connection.execute(
            "select funcname, total_time / calls from pg_stat_user_functions"
            " order by total_time desc"
        )
        return dict(await rows.fetchall())


def _carried(
    done: Sequence[Done], used: float, inside: dict[str, float], waits: dict[str, int]
) -> Carried:
    turns = sum(one.turns for one in done)
    assert turns, "no turn was done"
    times: dict[str, list[float]] = {}
    for one in done:
        for name, took in one.times.items():
            times.setdefault(name, []).extend(took)
    calls = sum(map(len, times.values()))
    figures = {name: (median(took) * 1000, _p95(took) * 1000) for name, took in times.items()}
    rate = sum(one.turns / one.seconds for one in done)
    cpu = sum(one.cpu for one in done)
    return Carried(
        rate, used / turns * 1000, cpu / turns * 1000, calls / turns, figures, inside, waits
    )


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[int(len(ordered) * 0.95)]


async def template(admin: str, name: str, messages: int) -> Filled:
    await execute(admin, f"create database {name}")
    dsn = make_conninfo(admin, dbname=name)
    await migrate(dsn, MIGRATIONS)
    await execute(dsn, f"alter database {name} set track_functions = 'pl'")
    return await fill(dsn, messages)


async def execute(dsn: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def main(sizes: Sequence[int] = SIZES) -> None:
    with reachable_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres")
        admin = await postgres.start()
        try:
            print(f"{os.cpu_count()} cores, a flush to the disk takes {flush_ms(folder):.2f} ms\n")
            rates: dict[str, list[float]] = {}
            for size in sizes:
                filled = await template(admin, f"stored_{size}", size)
                for what, settings in RUNS.items():
                    one = await fresh(admin, folder, filled, f"stored_{size}", **settings)
                    rates.setdefault(what, []).append(one.rate)
                    show(size, what, one)
            for what, found in rates.items():
                shares = ", ".join(f"{rate / found[0]:.2f}×" for rate in found)
                print(f"{what}, each size against the smallest: {shares}")
        finally:
            await postgres.stop()


async def fresh(
    admin: str, folder: Path, filled: Filled, origin: str, *, whole: bool, **more: int
) -> Carried:
    """On a database of its own, cut from the template."""
    name = f"{origin}_run"
    await execute(admin, f"create database {name} template {origin} strategy file_copy")
    try:
        await execute(admin, f"alter database {name} set track_functions = 'pl'")
        await execute(admin, "checkpoint")
        return await carry(make_conninfo(admin, dbname=name), folder, filled, whole=whole, **more)
    finally:
        await execute(admin, f"drop database {name} with (force)")


def flush_ms(folder: Path) -> float:
    times: list[float] = []
    with (folder / "flush").open("wb", 0) as opened:
        for _ in range(100):
            opened.write(b"x" * 8192)
            began = time.perf_counter()
            os.fdatasync(opened.fileno())
            times.append(time.perf_counter() - began)
    return median(times) * 1000


def show(size: int, what: str, one: Carried) -> None:
    idle = 1000 * (os.cpu_count() or 1) / (one.server_ms + one.client_ms)
    print(
        f"{size:>9,} stored, {what}: {one.rate:,.0f} turns/s with {one.calls:.1f} calls each;"
        f" processor {one.server_ms:.2f} ms of PostgreSQL and {one.client_ms:.2f} ms of the clients"
        f" a turn, so that all cores for it alone would give {idle:,.0f}/s"
    )
    for name, (p50, p95) in one.times.items():
        inside = one.inside.get(name, 0.0)
        print(f"{name:>28}  p50 {p50:6.2f}  p95 {p95:6.2f}  inside {inside:.3f} ms")
    seen = sorted(one.waits.items(), key=lambda item: -item[1])[:5]
    print("            sessions were seen at: ", ", ".join(f"{k} {v}" for k, v in seen), flush=True)


if __name__ == "__main__":
    asyncio.run(main([int(size) for size in sys.argv[1:]] or SIZES))
