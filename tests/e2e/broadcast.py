"""A broadcast to many people while processes are killed: everybody once in the store, nobody twice.

    python -m tests.e2e.broadcast --people 10000 --workers 3 --per-second 1000

An admin composes, confirms, pauses and resumes it in the chat. Workers are killed at random, some
people block the bot on the way, answers of Telegram get lost, and in the middle every process and
the database are stopped at once. Prints what happened; the exit code says whether all was well.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.database import reachable_folder
from tests.e2e.balancer import balancer
from tests.e2e.fleet import Base, Fleet, base, fleet
from tests.processes import BOT_ID, Ground, ground

TEXT = "Дорогие путники, у нас новости: карта визий готова."
PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Weather:
    """`kills` are spread over the whole of it, one worker each. `hurry`: what was being sent by
    killed workers need not wait until its lease is over."""

    people: int = 10_000
    workers: int = 3
    per_second: int = 30
    kills: int = 40
    hurry: bool = False
    seed: int = 20261120


@dataclass(slots=True)
class Outcome:
    """`wrong` is what must not be. `most` are sends within any one second: as begun in the store,
    and as Telegram's side saw them arrive."""

    states: dict[str, int]
    arrived: dict[str, int]
    happened: dict[str, int]
    most_begun: int
    most_seen: int
    seconds: dict[str, float]
    wrong: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])

    def lines(self) -> list[str]:
        return [
            f"in the store: {self.states}",
            f"of them have it: {self.arrived}",
            f"what befell the processes: {self.happened}",
            f"most within one second: {self.most_begun} begun, {self.most_seen} arrived",
            "seconds: " + ", ".join(f"{what} {took:.0f}" for what, took in self.seconds.items()),
            *(f"WRONG, {what}: {rows}" for what, rows in self.wrong.items()),
        ]


class Admin:
    """Somebody who presses what is on the screen."""

    def __init__(self, here: Ground, person: int) -> None:
        self._here = here
        self.id = person

    async def hears(self, words: str, *, methods: str = "sendMessage") -> dict[str, Any]:
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            for entry in reversed(await self._here.sent(chat=self.id, methods=methods)):
                if words in entry["text"]:
                    return entry
            await asyncio.sleep(0.1)
        raise AssertionError(f"the admin does not hear {words!r}")

    async def presses(self, label: str) -> None:
        limit = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < limit:
            if found := await self._button(label):
                message_id, data = found
                await self._here.post(
                    "presses", bot=BOT_ID, person=self.id, message_id=message_id, data=data
                )
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"the admin does not see {label!r}")

    async def _button(self, label: str) -> tuple[int, str] | None:
        url = f"{self._here.url}/playground/chats/{self.id}"
        async with self._here.http.get(url) as response:
            chat = await response.json()
        for message in reversed(chat["messages"]):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"].startswith(label):
                        return message["message_id"], button["callback_data"]
        return None


class Campaign:
    def __init__(
        self, weather: Weather, here: Ground, store: Base, ships: Fleet, people: list[int]
    ) -> None:
        self._weather = weather
        self._here = here
        self._store = store
        self._ships = ships
        self._chance = random.Random(weather.seed)
        self._people = people
        self._admin = Admin(here, people[0])
        self._before = 0
        self._deed = asyncio.Lock()
        self.wrong: dict[str, list[Any]] = {}

    async def come(self) -> None:
        await self._ships.receives()
        for start in range(0, len(self._people), 50):
            crowd = self._people[start : start + 50]
            await self._here.post("crowd", bot=BOT_ID, people=crowd, text="/start")
            await asyncio.sleep(0.2)
        query = "select count(*) from public.telegram_accounts"
        await self._until(lambda: self._is(query, len(self._people)), "everybody has come", 900)

    async def compose(self) -> None:
        admin = self._admin
        await self._here.says(admin.id, "/broadcast")
        await admin.hears("Новая рассылка")
        await self._here.says(admin.id, TEXT)
        await admin.hears("Кому отправим?")
        await admin.presses("Всем")
        await admin.hears("Отправить", methods="editMessage")
        self._before = await self._here.last_seq()
        await admin.presses("Отправить (")
        await admin.hears("Рассылка идёт", methods="editMessage")

    async def send(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kills())
            await self._block()
            await self._lose_answers()
            await self._after(0.25)
            async with self._deed:
                await self._pause()
            await self._after(0.5)
            async with self._deed:
                await self._stop_everything()
            query = "select count(*) from public.broadcast_recipients where state = 'waiting'"
            await self._until(lambda: self._is(query, 0), "everybody had their turn", 3600)

    async def settle(self) -> None:
        if self._weather.hurry:
            # Whoever lives has marked what it sent; what is left was begun by the killed.
            await asyncio.sleep(5)
            await self._store.rows(
                "update public.broadcast_recipients set leased_until = now()"
                " where state = 'sending' returning 1"
            )
        query = "select count(*) from public.broadcasts where told_at is not null"
        await self._until(lambda: self._is(query, 1), "the end is told")
        await self._admin.hears("Рассылка закончена", methods="editMessage")
        await self._admin.hears("Рассылка закончена")

    async def reckon(self, seconds: dict[str, float]) -> Outcome:
        rows = await self._store.rows(
            "select a.telegram_id, r.state, extract(epoch from r.attempting_at)::float8"
            " from public.broadcast_recipients r"
            " join public.telegram_accounts a on a.user_id = r.user_id"
        )
        sent = await self._here.sent(since=self._before)
        came = Counter(
            entry["chat"]
            for entry in sent
            if entry["method"] == "sendMessage" and entry["text"] == TEXT
        )
        states = {person: state for person, state, _ in rows}
        wrong = self.wrong
        if len(rows) != len(self._people) or set(states) != set(self._people):
            wrong["not everybody stands once in the store"] = [len(rows), len(self._people)]
        if twice := [chat for chat, count in came.items() if count > 1]:
            wrong["got it twice"] = twice[:5]
        if open_ := [one for one in states.items() if one[1] in ("waiting", "sending", "failed")]:
            wrong["no final state"] = open_[:5]
        if lost := [
            person for person, state in states.items() if state == "sent" and not came[person]
        ]:
            wrong["counted as sent, and has nothing"] = lost[:5]
        if extra := [
            person
            for person, state in states.items()
            if came[person] and state not in ("sent", "unclear")
        ]:
            wrong["has it, and is not counted"] = extra[:5]
        told = [
            one for one in sent if one["method"] == "sendMessage" and "закончена" in one["text"]
        ]
        if [one["chat"] for one in told] != [self._admin.id]:
            wrong["the final word"] = told[:5]
        # Of those given back and sent later only the last attempt is known.
        begun = [at for _, _, at in rows if at is not None]
        return Outcome(
            states=dict(Counter(states.values())),
            arrived=dict(Counter(states[person] for person in came)),
            happened=dict(self._ships.happened),
            most_begun=most_within_a_second(begun),
            most_seen=most_within_a_second([one["time"] for one in sent]),
            seconds=seconds,
            wrong=wrong,
        )

    async def _block(self) -> None:
        """Some of those who wait, some of whom the bot hears of at once, others from Telegram."""
        chosen = self._chance.sample(self._people[1:], max(4, len(self._people) // 50))
        for number, person in enumerate(chosen):
            deed = "block" if number % 2 else "deactivate"
            await self._here.post(deed, bot=BOT_ID, person=person)

    async def _lose_answers(self) -> None:
        faults = [
            {"method": "sendMessage", "status": "drop", "count": 2, "skip": 20},
            {"method": "sendMessage", "status": "drop_before", "count": 2, "skip": 40},
            {"method": "sendMessage", "status": 429, "count": 2, "retry_after": 2, "skip": 60},
        ]
        await self._here.post("faults", faults=faults)

    async def _after(self, share: float) -> None:
        """Until so many of all had their turn."""
        query = "select count(*) from public.broadcast_recipients where state <> 'waiting'"

        async def reached() -> bool:
            return (await self._store.rows(query))[0][0] >= share * len(self._people)

        await self._until(reached, f"{share:.0%} had their turn", 3600)

    async def _pause(self) -> None:
        """Nothing is begun meanwhile."""
        await self._admin.presses("⏸")
        query = "select count(*) from public.broadcasts where status = 'paused'"
        await self._until(lambda: self._is(query, 1), "it is paused")
        await asyncio.sleep(1)
        begun = "select count(*) from public.broadcast_recipients where attempting_at is not null"
        before = await self._store.rows(begun)
        await asyncio.sleep(2)
        if (after := await self._store.rows(begun)) != before:
            self.wrong["went on while paused"] = [before, after]
        await self._admin.presses("▶")
        self._ships.happened["paused and resumed"] += 1

    async def _stop_everything(self) -> None:
        for process in self._ships.all:
            await process.kill()
        await self._ships.restart()
        for process in self._ships.all:
            await process.start()
        self._ships.happened["everything killed and started again"] += 1

    async def _kills(self) -> None:
        for number in range(self._weather.kills):
            await self._after((number + self._chance.random()) / self._weather.kills)
            async with self._deed:
                process = self._chance.choice(self._ships.workers)
                await process.kill()
                await process.start()
            self._ships.happened["worker killed"] += 1

    async def _is(self, query: str, number: int) -> bool:
        return (await self._store.rows(query))[0][0] == number

    async def _until(self, done: Any, what: str, seconds: float = PATIENCE_SECONDS) -> None:
        limit = time.monotonic() + seconds
        while True:
            # While it is being restarted the database does not answer.
            with suppress(psycopg.OperationalError, OSError):
                if await done():
                    return
            assert time.monotonic() < limit, f"not yet: {what}"
            assert self._deed.locked() or not (ended := self._ships.ends()), ended
            await asyncio.sleep(0.1)


def most_within_a_second(moments: Sequence[float]) -> int:
    ordered = sorted(moments)
    most = first = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def broadcast(weather: Weather, folder: Path) -> Outcome:
    seconds: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(ground(folder))
        people = await here.people(weather.people)
        store = await stack.enter_async_context(base(folder / "base"))
        own = {
            "DATABASE_URL": store.dsn,
            "ADMIN_IDS": str(people[0]),
            "SENDS_PER_SECOND": str(weather.per_second),
        }
        ships, ports, door = await stack.enter_async_context(
            fleet(here, store, folder / "data", own, 1, weather.workers)
        )
        await stack.enter_async_context(balancer(ports, door))
        one = Campaign(weather, here, store, ships, people)
        for what, deed in (
            ("come", one.come),
            ("compose", one.compose),
            ("send", one.send),
            ("settle", one.settle),
        ):
            began = time.monotonic()
            await deed()
            seconds[what] = time.monotonic() - began
        return await one.reckon(seconds)


def weather_of(arguments: list[str]) -> Weather:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name in ("people", "workers", "per-second", "kills", "seed"):
        default = getattr(Weather(), name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=int, default=default)
    return Weather(**vars(parser.parse_args(arguments)))


def main() -> int:
    weather = weather_of(sys.argv[1:])
    with reachable_folder() as folder:
        (folder / "base").mkdir()
        outcome = asyncio.run(broadcast(weather, folder))
    print(f"{weather}")
    print(*outcome.lines(), sep="\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
