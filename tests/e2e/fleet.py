"""Many processes of the bot over one database, and what befalls them."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psycopg

from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate
from tests.database import MIGRATIONS
from tests.e2e.killing import Store
from tests.processes import (
    Ground,
    Process,
    free_port,
    postmaster,
    webhook_process,
    worker_process,
)
from tests.supabase.lite import Lite

CONNECTIONS = "150"


class Base(Store):
    """A database as an operator's own: the processes know nothing but its address. Durable."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self._postgres = EmbeddedPostgres(
            folder / "postgres", settings={"max_connections": CONNECTIONS}
        )
        self.dsn = ""

    async def start(self) -> None:
        self.dsn = await self._postgres.start()

    async def stop(self) -> None:
        await self._postgres.stop()

    async def restart(self) -> None:
        """As an operator does it."""
        await self.stop()
        await self.start()

    async def crash(self) -> None:
        """As a machine does it."""
        postmaster(self.folder).kill()

    async def watch(self) -> None:
        """Starts it again when it has crashed. Until cancelled."""
        await self._postgres.watch()


class Fleet:
    """`happened` counts what befell the processes."""

    def __init__(self, base: Base, hooks: list[Process], workers: list[Process]) -> None:
        self._base = base
        self.hooks = hooks
        self.workers = workers
        self.happened: Counter[str] = Counter()
        self._frozen: set[Process] = set()

    @property
    def all(self) -> list[Process]:
        return [*self.hooks, *self.workers]

    async def kill(self, process: Process, kind: str, down_seconds: float) -> None:
        await process.kill()
        self.happened[f"{kind} killed"] += 1
        await asyncio.sleep(down_seconds)
        await process.start()

    async def freeze(self, process: Process, seconds: float) -> None:
        """It stands still, holding what it holds, and wakes as if nothing had been."""
        self._frozen.add(process)
        while not process.alive:
            await asyncio.sleep(0.1)
        process.child.send_signal(signal.SIGSTOP)
        self.happened[f"worker frozen for {seconds:.0f} s"] += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            process.child.send_signal(signal.SIGCONT)
            self._frozen.discard(process)

    async def strike(self, chance: random.Random, kind: str) -> None:
        ships = self.hooks if kind == "webhook" else self.workers
        awake = [process for process in ships if process not in self._frozen]
        if awake:
            await self.kill(chance.choice(awake), kind, chance.uniform(0, 2))

    async def crash(self) -> None:
        await self._base.crash()
        self.happened["database killed"] += 1

    async def restart(self) -> None:
        await self._base.restart()
        self.happened["database restarted"] += 1

    async def receives(self, seconds: float = 180) -> None:
        """Until every webhook process has told Telegram where it is."""
        async with asyncio.timeout(seconds):
            while not all("Telegram sends updates" in hook.text() for hook in self.hooks):
                assert not self.ends(), self.ends()
                await asyncio.sleep(0.2)

    def ends(self) -> list[str]:
        """What those said that ended by themselves."""
        return [process.text()[-2000:] for process in self.all if not process.alive]


@asynccontextmanager
async def base(folder: Path) -> AsyncGenerator[Base]:
    one = Base(folder)
    await one.start()
    await migrate(one.dsn, MIGRATIONS)
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(one.watch())
            yield one
            watching.cancel()
    finally:
        await one.stop()


@asynccontextmanager
async def supabase(base: Base, folder: Path) -> AsyncGenerator[dict[str, str]]:
    """The settings of processes that reach it over REST; the server is kept alive."""
    async with await psycopg.AsyncConnection.connect(base.dsn, autocommit=True) as connection:
        await connection.execute("alter role service_role bypassrls")
    lite = Lite(base.dsn, folder)
    await asyncio.to_thread(lite.ensure)

    async def keep() -> None:
        while True:
            # While the database is away it can't start.
            with suppress(AssertionError):
                await asyncio.to_thread(lite.ensure)
            await asyncio.sleep(0.3)

    try:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(keep())
            yield {"SUPABASE_URL": lite.url, "SUPABASE_SECRET_KEY": lite.secret_key}
            keeping.cancel()
    finally:
        lite.stop()


@asynccontextmanager
async def fleet(
    here: Ground, base: Base, data: Path, own: dict[str, str], hooks: int, workers: int
) -> AsyncGenerator[tuple[Fleet, list[int], int]]:
    """With the ports of the webhook processes, and the port that Telegram sends to."""
    door = free_port()
    ports = [free_port() for _ in range(hooks)]
    own = own | {"WEBHOOK_URL": f"http://127.0.0.1:{door}/hook"}
    both = Fleet(
        base,
        [
            webhook_process(here, data, port, str(number), **own)
            for number, port in enumerate(ports)
        ],
        [worker_process(here, data, str(number), **own) for number in range(workers)],
    )
    for process in both.all:
        await process.start()
    try:
        yield both, ports, door
    finally:
        for process in both.all:
            await process.kill()
