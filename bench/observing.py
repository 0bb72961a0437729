"""What it costs to be watched: python -m bench.observing."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path

import psutil
from prometheus_client.exposition import generate_latest

from bench.contestants import Contestant
from bench.measures import meet, own_time
from bot.logs import Discreet, TextLines
from bot.observing.metrics import Metrics
from bot.observing.reports import TelegramCall, UpdateReport
from core import DeliveryReport, Observer, marked, observed, tell
from core.observing.turn_trace import TurnTrace
from tests.database import reachable_folder
from tests.e2e.watching import free_port
from tests.processes import Ground, Process, ground, stop_database
from tests.unit.observed_reports import CALL

TURNS = 300
TOLD = 3000
QUIET, LINES, WATCHED = "warnings alone", "a line for each turn", "lines and metrics, scraped"
SETTINGS: Mapping[str, Mapping[str, str]] = {
    QUIET: {"LOG_LEVEL": "WARNING"},
    LINES: {"LOG_LEVEL": "INFO"},
    WATCHED: {"LOG_LEVEL": "INFO"},
}
SCRAPE_SECONDS = 5.0
"""Three times as often as usual."""


@asynccontextmanager
async def contestant(
    here: Ground, folder: Path, number: int, name: str, settings: Mapping[str, str]
) -> AsyncIterator[Contestant]:
    bot = 7001 + number
    data = folder / f"data-{bot}"
    environment = here.bot_environment(data) | {"BOT_TOKEN": f"{bot}:bench"} | dict(settings)
    process = Process("-m", "bot", log=folder / f"{bot}.log", env=environment)
    await process.start()
    try:
        async with asyncio.timeout(120):
            while str(bot) not in (await here.get("counters"))["pending_updates"]:
                assert process.alive, process.text()
                await asyncio.sleep(0.05)
        yield Contestant(name, bot, process, 0)
    finally:
        await process.terminate()
        await stop_database(data)


async def scrape(here: Ground, port: int) -> None:
    while True:
        async with here.http.get(f"http://127.0.0.1:{port}/metrics") as response:
            assert response.status == 200
            await response.read()
        await asyncio.sleep(SCRAPE_SECONDS)


def told_of_a_turn() -> None:
    """All that one turn of the usual kind tells, and its line."""
    trace = TurnTrace("ab12cd34-bench", queued=0.01)
    with observed(trace), marked(turn=trace.mark):
        trace.begin()
        tell(CALL)
        for _ in range(3):
            tell(TelegramCall("sendMessageDraft", "ok", 0.01))
        tell(TelegramCall("sendMessage", "ok", 0.01))
        tell(DeliveryReport("text", "delivered", None, 1, 0.01))
        trace.worded()
        trace.came_to("answered")
        with trace.stage("complete"), trace.delivering():
            pass
        trace.end(vision_id="v", user_id="u", attempt=1, messages=1, files=0)
    tell(UpdateReport("message", "handled", 0.01))


def microseconds(observer: Observer | None = None) -> float:
    with observed(observer) if observer else nullcontext():
        began = time.process_time()
        for _ in range(TOLD):
            told_of_a_turn()
        return (time.process_time() - began) / TOLD * 1_000_000


def alone() -> None:
    """The telling by itself, without a process around it that does other things as well."""
    log = logging.getLogger("core.turn")
    log.propagate = False
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(Discreet(TextLines(whole=False), ["a-secret-value"] * 8))
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    print(f"told: {microseconds():.0f} µs a turn")
    log.setLevel(logging.INFO)
    print(f"and written as a line: {microseconds():.0f} µs")
    metrics = Metrics()
    print(f"and counted: {microseconds(metrics):.0f} µs")
    began = time.process_time()
    for _ in range(20):
        generate_latest(metrics.registry)
    print(f"a look at /metrics: {(time.process_time() - began) * 50:.1f} ms")


def processor_ms(bot: Contestant) -> float:
    used = psutil.Process(bot.process.child.pid).cpu_times()
    return (used.user + used.system) * 1000


async def main() -> None:
    port = free_port()
    with reachable_folder() as data, tempfile.TemporaryDirectory() as logs:
        async with AsyncExitStack() as stack:
            here = await stack.enter_async_context(ground(Path(logs)))
            bots = [
                await stack.enter_async_context(
                    contestant(
                        here,
                        data,
                        number,
                        name,
                        {**settings, **({"METRICS_PORT": str(port)} if name == WATCHED else {})},
                    )
                )
                for number, (name, settings) in enumerate(SETTINGS.items())
            ]
            for bot in bots:
                await meet(here, bot, 1)
            scraping = asyncio.get_running_loop().create_task(scrape(here, port))
            before = {bot.name: processor_ms(bot) for bot in bots}
            times = await own_time(here, bots, TURNS)
            used = {bot.name: (processor_ms(bot) - before[bot.name]) / (TURNS + 10) for bot in bots}
            scraping.cancel()
            await asyncio.wait({scraping})
    print("| | own time, p50 | p95 | processor time of a turn | ratio |")
    print("|---|---|---|---|---|")
    for name in SETTINGS:
        ratio = used[name] / used[QUIET]
        print(
            f"| {name} | {times[name].p50:.2f} ms | {times[name].p95:.2f} ms"
            f" | {used[name]:.2f} ms | {ratio:.2f}× |"
        )


if __name__ == "__main__":
    alone()
    asyncio.run(main())
