"""One client process: lives of turns through the product's own transport, without a model."""

from __future__ import annotations

import asyncio
import resource
import time
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from typing import Any

from core.database.postgres import PostgresDatabase

CLAIM_AT_ONCE = 8
POOL = 8
READY_SECONDS = 120
ANSWER = "Звучит так, будто первый шаг уже сделан. " * 6
META = {
    "module": "dialogue",
    "purpose": "answer",
    "api": "responses",
    "attempt": 1,
    "requested_model": "gpt-5.6",
    "effort": "low",
    "latency_ms": 2210,
    "ttft_ms": 640,
    "outcome": "ok",
    "finish": "stop",
    "estimated": False,
    "cached_tokens": 1792,
}


@dataclass(frozen=True, slots=True)
class Order:
    """What one client process is to do. `whole`: sign-in, token row and receipt are part of it."""

    dsn: str
    name: str
    people: tuple[int, ...]
    in_flight: int
    warm: float
    """Seconds before those that count: sessions plan their statements in the first calls."""

    seconds: float
    whole: bool
    history: int


@dataclass(slots=True)
class Done:
    turns: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    """Seconds of processor time of this client."""

    times: dict[str, list[float]] = field(default_factory=dict[str, list[float]])


class Client:
    """Each person has one message on its way at most: whoever completes a turn takes its person
    over and lets the next one write."""

    def __init__(self, order: Order, database: PostgresDatabase) -> None:
        self._order = order
        self._database = database
        self._idle = deque(order.people)
        self._done = Done()
        self._wake = asyncio.Event()
        self._running = 0
        self._ends = 0.0

    async def run(self) -> Done:
        order = self._order
        self._ends = time.perf_counter() + order.warm + order.seconds
        async with asyncio.TaskGroup() as group:
            for _ in range(order.in_flight):
                group.create_task(self._write())
            work = group.create_task(self._work(group))
            await asyncio.sleep(order.warm)
            self._done = Done()
            began, used = time.perf_counter(), _processor()
            await work
            self._done.seconds = time.perf_counter() - began
            self._done.cpu = _processor() - used
        return self._done

    @property
    def _over(self) -> bool:
        return time.perf_counter() > self._ends

    async def _write(self) -> None:
        person = self._idle.popleft()
        key = uuid.uuid4().hex
        user = f"p{person}"
        if self._order.whole:
            row = await self._call(
                "sign_in",
                telegram_id=person,
                profile={"first_name": "Имя", "language_code": "ru"},
                source_key=key,
            )
            user = row["user_id"]
        await self._call(
            "receive_message",
            user_id=user,
            source_key=key,
            type="text",
            content=f"{key}: что мне сделать сегодня, чтобы стать ближе к цели? " * 2,
            payload={},
            origin={"key": key},
            delay_ms=0,
        )
        self._wake.set()

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while not self._over:
            self._wake.clear()
            row = await self._call(
                "claim_turns",
                worker=self._order.name,
                limit=CLAIM_AT_ONCE,
                lease_seconds=15,
                history=self._order.history,
                characters=16000,
            )
            for turn in row["turns"]:
                group.create_task(self._answer(turn))
            if not row["turns"]:
                await _at_most(self._wake.wait(), 0.02)

    async def _answer(self, turn: dict[str, Any]) -> None:
        if self._order.whole:
            await self._call(
                "log_tokens",
                clientid=turn["user"]["user_id"],
                clienttype="user",
                provider="openai",
                model="gpt-5.6",
                prompttokens=2100,
                completiontokens=90,
                totaltokens=2190,
                rawusage={"input_tokens": 2100, "output_tokens": 90, "total_tokens": 2190},
                meta=META | {"visionid": turn["vision_id"]},
                call_key=uuid.uuid4().hex,
            )
        row = await self._call(
            "complete_turn",
            vision_id=turn["vision_id"],
            lease=turn["lease"],
            upto=turn["upto"],
            thread_id=None,
            parts={"items": [{"sender": "assistant", "type": "text", "content": ANSWER}]},
            deliver_seconds=60,
        )
        if self._order.whole:
            for delivery in row["deliveries"]:
                await self._call(
                    "mark_delivered",
                    id=delivery["id"],
                    receipts={"ids": [delivery["id"]]},
                )
        self._idle.append(turn["user"]["chat_id"])
        if not self._over:
            self._done.turns += 1
            await self._write()

    async def _call(self, function: str, **arguments: Any) -> Any:
        began = time.perf_counter()
        row = await self._database.call(function, **arguments)
        self._done.times.setdefault(function, []).append(time.perf_counter() - began)
        return row


_together: list[Barrier] = []


def enter(together: Barrier) -> None:
    """The beginning of a client process: it waits there until all are ready."""
    _together.append(together)


def live(order: Order) -> Done:
    """In a process of its own."""
    import uvloop

    return uvloop.run(_live(order))


async def _live(order: Order) -> Done:
    database = PostgresDatabase(order.dsn, pool_size=POOL)
    await database.open()
    _together[0].wait(READY_SECONDS)
    try:
        return await Client(order, database).run()
    finally:
        await database.close()


def shares(people: int, clients: int, active: int) -> Iterable[tuple[int, ...]]:
    """People for each client, `active` in all at most, spread evenly over everybody."""
    step = max(1, people // active)
    chosen = range(1, people + 1, step)
    return (tuple(chosen[number::clients]) for number in range(clients))


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _at_most(waiting: Any, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        pass
