"""One run: both bots on the same playground, a table, and the ratios.

`python -m bench database`, `functions` and `workers` are measures of their own, some minutes each.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from statistics import median

from bench.contestants import BARE, OURS, Contestant, running
from bench.history import SIZES, history_times
from bench.measures import INSTANT, ONE_SECOND, crowd, meet, memory_in_flight, own_time
from bench.media import media
from tests.database import TestServer, reachable_folder
from tests.processes import ground

CROWD = 200
IN_FLIGHT = 1000
STARTS = 3


class Table:
    def __init__(self) -> None:
        self._rows: list[tuple[str, ...]] = []

    def add(self, what: str, bare: float, ours: float, aim: str, unit: str = "") -> None:
        self._rows.append(
            (what, f"{bare:.2f}{unit}", f"{ours:.2f}{unit}", f"{ours / bare:.2f}×", aim)
        )

    def show(self) -> str:
        rows = [("measure", BARE, OURS, "ratio", "aim"), *self._rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join(line.rstrip() for line in lines)


async def start_times(folder: Path) -> dict[str, float]:
    """Seconds from the command to the first poll; medians. The first start of ours, which makes
    the database, is not counted: it happens once in a life."""
    times: dict[str, list[float]] = {BARE: [], OURS: []}
    for number in range(STARTS + 1):
        for name in (BARE, OURS):
            async with (
                ground(folder) as here,
                running(here, folder, name, 50 if name == OURS else 60) as one,
            ):
                if number:
                    times[name].append(one.to_first_poll)
    return {name: median(values) for name, values in times.items()}


async def talk(folder: Path, table: Table) -> list[str]:
    notes: list[str] = []
    async with (
        ground(folder) as here,
        running(here, folder, BARE, 101) as bare,
        running(here, folder, OURS, 102) as ours,
    ):
        both: Sequence[Contestant] = (bare, ours)
        for one in both:
            await meet(here, one, CROWD)
        times = await own_time(here, both, 100)
        table.add("own time of a turn, p50", times[BARE].p50, times[OURS].p50, "≤ 1.5×", " ms")
        table.add("own time of a turn, p95", times[BARE].p95, times[OURS].p95, "≤ 2×", " ms")
        took = {one.name: await best(here, one) for one in both}
        table.add(f"{CROWD} at once, 1 s model", took[BARE], took[OURS], "≤ 1.3×", " s")
        rates = {one.name: CROWD / await crowd(here, one, INSTANT, one.people) for one in both}
        table.add("turns per second, instant model", rates[BARE], rates[OURS], "", "/s")
        notes.append(await flight(here, both))
    return notes


async def best(here: object, one: Contestant, rounds: int = 3) -> float:
    """The median of some rounds: one crowd is over too quickly to be judged alone."""
    return median([await crowd(here, one, ONE_SECOND, one.people) for _ in range(rounds)])  # type: ignore[arg-type]


async def flight(here: object, both: Sequence[Contestant]) -> str:
    figures: list[str] = []
    for one in both:
        await meet(here, one, IN_FLIGHT - len(one.people))  # type: ignore[arg-type]
        figures.append(f"{one.name} {await memory_in_flight(here, one, one.people):.0f} MB")  # type: ignore[arg-type]
    return f"memory with {IN_FLIGHT} turns in flight: {', '.join(figures)}"


async def rest(folder: Path) -> str:
    figures: dict[str, float] = {}
    for name, bot in ((BARE, 201), (OURS, 202)):
        async with ground(folder) as here, running(here, folder, name, bot) as one:
            await meet(here, one, 1)
            await asyncio.sleep(5)
            figures[name] = one.memory()
    more = figures[OURS] - figures[BARE]
    return (
        f"memory at rest: {BARE} {figures[BARE]:.0f} MB, {OURS} {figures[OURS]:.0f} MB, "
        f"{more:+.0f} MB without the database (aim: ≤ +40 MB)"
    )


async def history(folder: Path) -> list[str]:
    server = TestServer(folder / "history")
    server.start()
    try:
        times = await history_times(server)
    finally:
        server.stop()
    least = times[SIZES[0]][0]
    return [
        f"history of {size:>7,} messages: last 10 in {read:.2f} ms"
        f" ({read / least:.2f}×, aim: ≤ 1.3×), claim of a turn {claim:.2f} ms"
        for size, (read, claim) in times.items()
    ]


async def main() -> None:
    table = Table()
    with reachable_folder() as place:
        starts = await start_times(place)
        notes = [await rest(place), *await talk(place, table), *await history(place)]
        notes += await media(place)
        table.add("command to first poll", starts[BARE], starts[OURS], "≤ 2×", " s")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(table.show(), "", *notes, sep="\n")


OTHERS = {"database": "bench.carrying", "functions": "bench.functions", "workers": "bench.workers"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("what", nargs="?", choices=("bots", *OTHERS), default="bots")
    chosen = parser.parse_args().what
    asyncio.run(import_module(OTHERS[chosen]).main() if chosen in OTHERS else main())
