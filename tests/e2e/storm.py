"""Many processes, many people, and much that goes wrong: nothing is lost, nothing is said twice.

    python -m tests.e2e.storm --people 2000 --webhooks 3 --workers 4 --transport psycopg

Processes of both kinds are killed at random, the database is killed and restarted, one worker is
frozen beyond its lease and woken. Prints what happened; the exit code says whether all was well.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.database import reachable_folder
from tests.e2e.balancer import balancer
from tests.e2e.fleet import Base, Fleet, base, fleet, supabase
from tests.e2e.killing import OFFERS_RETRY, retry_button
from tests.e2e.reckoning import Reckoning, reckon
from tests.processes import BOT_ID, Ground, ground

CONDUCT: dict[str, Any] = {"first_token": 0.3, "total": 1.0, "tokens": 10, "journal_bodies": 1}
SETTLE_SECONDS = 420.0


@dataclass(frozen=True, slots=True)
class Weather:
    """`freezes` are seconds, one worker each; the lease of a turn runs 15 s, that of a delivery 60.
    `pause` is between two kills, in seconds, from and to."""

    people: int = 2000
    webhooks: int = 3
    workers: int = 4
    seconds: float = 120.0
    messages: int = 4000
    transport: Literal["psycopg", "supabase"] = "psycopg"
    pause: tuple[float, float] = (2.5, 6.0)
    freezes: tuple[float, ...] = (20.0, 70.0)
    crashes: int = 1
    restarts: int = 1
    seed: int = 20261120


@dataclass(slots=True)
class Outcome:
    reckoning: Reckoning
    happened: dict[str, int]
    refused: dict[str, int]
    taken: list[int]
    seconds: dict[str, float]
    model: dict[str, int]

    def lines(self) -> list[str]:
        one = self.reckoning
        return [
            f"{one.messages} messages, {one.answers} answers, {one.repeated} sends repeated",
            f"what befell them: {self.happened}",
            f"updates by webhook process: {self.taken}, sent back by the balancer: {self.refused}",
            f"in the store: {one.figures}; model calls: {self.model}",
            "seconds: " + ", ".join(f"{what} {took:.0f}" for what, took in self.seconds.items()),
            *(f"WRONG, {what}: {rows}" for what, rows in one.wrong.items()),
        ]


class Storm:
    def __init__(self, weather: Weather, here: Ground, base: Base, ships: Fleet) -> None:
        self._weather = weather
        self._here = here
        self._base = base
        self._ships = ships
        self._chance = random.Random(weather.seed)
        self._seq = 0
        self.said: dict[int, list[str]] = {}

    async def come(self) -> None:
        """Everybody signs in and names a vision; as many at once as a bot's queue stands."""
        await self._ships.receives()
        people = await self._here.people(self._weather.people)
        for start in range(0, len(people), 50):
            await self._here.post(
                "crowd", bot=BOT_ID, people=people[start : start + 50], text="/new_vision Путь"
            )
            await asyncio.sleep(0.2)
        limit = time.monotonic() + SETTLE_SECONDS
        while await self._count("visions") < len(people):
            assert time.monotonic() < limit, "not everybody has come"
            await asyncio.sleep(1)
        self.said = {person: [] for person in people}

    async def rage(self) -> None:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kills(over))
            group.create_task(self._freezes())
            group.create_task(self._outages())
            await self._talk()
            over.set()

    async def settle(self) -> None:
        """Until nothing waits any more, or what is wrong stays wrong."""
        limit = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < limit:
            await self._press_retry()
            pending = (await self._here.get("counters"))["pending_updates"][str(BOT_ID)]
            if (
                not pending
                and not await self._base.wrong()
                and not await self._count("kept_updates")
            ):
                return
            if ended := self._ships.ends():
                raise AssertionError("\n".join(ended))
            await asyncio.sleep(1)

    async def reckon(self) -> Reckoning:
        return await reckon(self._base, self.said, await self._here.sent(methods="sendMessage"))

    async def _talk(self) -> None:
        weather, people = self._weather, list(self.said)
        began, number = time.monotonic(), 0
        while number < weather.messages:
            person = self._chance.choice(people)
            for _ in range(self._chance.choice((1, 1, 1, 2, 3))):
                text = f"шаг {number} и дальше"
                await self._here.says(person, text)
                self.said[person].append(text)
                number += 1
            due = began + weather.seconds * number / weather.messages
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _kills(self, over: asyncio.Event) -> None:
        for kind in itertools.cycle(("webhook", "worker")):
            await asyncio.sleep(self._chance.uniform(*self._weather.pause))
            if over.is_set():
                return
            await self._ships.strike(self._chance, kind)
            await self._here.post("redeliver", bot=BOT_ID, n=self._chance.randrange(1, 20))

    async def _freezes(self) -> None:
        for number, seconds in enumerate(self._weather.freezes):
            await asyncio.sleep(self._weather.seconds * 0.1)
            workers = self._ships.workers
            await self._ships.freeze(workers[number % len(workers)], seconds)

    async def _outages(self) -> None:
        deeds = [self._ships.crash] * self._weather.crashes
        deeds += [self._ships.restart] * self._weather.restarts
        for deed in deeds:
            await asyncio.sleep(self._weather.seconds / (len(deeds) + 1))
            await deed()

    async def _press_retry(self) -> None:
        """People do what a failed answer offers."""
        for entry in await self._here.sent(since=self._seq, methods="sendMessage"):
            self._seq = max(self._seq, entry["seq"])
            if OFFERS_RETRY.search(entry["text"]):
                await self._here.post(
                    "presses",
                    bot=BOT_ID,
                    person=entry["chat"],
                    message_id=entry["message_id"],
                    data=await retry_button(self._here, entry),
                )

    async def _count(self, table: str) -> int:
        return (await self._base.rows(f"select count(*) from public.{table}"))[0][0]


async def storm(weather: Weather, folder: Path) -> Outcome:
    seconds: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(ground(folder))
        await here.post("model", reset=True, **CONDUCT)
        store = await stack.enter_async_context(base(folder / "base"))
        own = {"DATABASE_URL": store.dsn}
        if weather.transport == "supabase":
            own = await stack.enter_async_context(supabase(store, folder / "lite"))
        ships, ports, door = await stack.enter_async_context(
            fleet(here, store, folder / "data", own, weather.webhooks, weather.workers)
        )
        proxy = await stack.enter_async_context(balancer(ports, door))
        one = Storm(weather, here, store, ships)
        for what, deed in (("come", one.come), ("storm", one.rage), ("settle", one.settle)):
            began = time.monotonic()
            await deed()
            seconds[what] = time.monotonic() - began
        return Outcome(
            await one.reckon(),
            dict(ships.happened),
            dict(proxy.refused),
            [proxy.taken[port] for port in ports],
            seconds,
            (await here.get("model", last=0))["counts"],
        )


def weather_of(arguments: list[str]) -> Weather:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name in ("people", "webhooks", "workers", "messages", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Weather(), name))
    parser.add_argument("--seconds", type=float, default=Weather().seconds)
    parser.add_argument("--transport", choices=("psycopg", "supabase"), default="psycopg")
    return Weather(**vars(parser.parse_args(arguments)))


def main() -> int:
    weather = weather_of(sys.argv[1:])
    with reachable_folder() as folder:
        (folder / "base").mkdir()
        (folder / "lite").mkdir()
        outcome = asyncio.run(storm(weather, folder))
    print(f"{weather}")
    print(*outcome.lines(), sep="\n")
    return 1 if outcome.reckoning.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
