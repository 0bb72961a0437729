"""Several processes over one database: who receives, who works, who takes over."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.database import TestServer, reachable_folder
from tests.e2e.killing import Store, settle
from tests.processes import (
    BOT_ID,
    TOKEN,
    Ground,
    Process,
    bot_process,
    free_port,
    gone,
    postmaster,
    webhook_process,
    worker_process,
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PEOPLE = 30
MESSAGES = 60
CONDUCT: dict[str, Any] = {"first_token": 0.2, "total": 0.8, "tokens": 10, "text": "Ответ."}


class Database(Store):
    """A database of its own, on a server that none of the bot's processes has started."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            return await (await connection.execute(query.encode())).fetchall()


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    with reachable_folder() as folder:
        server = TestServer(folder)
        server.start()
        yield Database(await server.fresh())
        server.stop()


@asynccontextmanager
async def running(*processes: Process) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for process in processes:
            await process.start()
            stack.push_async_callback(process.kill)
        yield


async def until(what: Callable[[], bool], *processes: Process, seconds: float = 120) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not what():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError("\n".join(process.text()[-3000:] for process in processes)) from None


async def until_listening(*processes: Process) -> None:
    await until(
        lambda: all("Telegram sends updates" in process.text() for process in processes),
        *processes,
    )


async def heard(here: Ground, person: int, text: str, times: int = 1) -> None:
    async with asyncio.timeout(120):
        while True:
            said = [entry["text"] for entry in await here.sent(methods="sendMessage", chat=person)]
            if sum(text in each for each in said) >= times:
                return
            await asyncio.sleep(0.1)


async def newcomer(here: Ground) -> int:
    await here.post("model", reset=True, **CONDUCT | {"total": 0.3})
    [person] = await here.people(1)
    # From its first call on the playground knows the bot.
    await here.http.get(f"{here.url}/bot{TOKEN}/getMe")
    await here.says(person, "/new_vision Дом")
    return person


async def ended(process: Process, seconds: float = 120) -> int | None:
    async with asyncio.timeout(seconds):
        return await process.child.wait()


async def test_processes_of_both_kinds_come_and_go(
    here: Ground, folder: Path, database: Database
) -> None:
    chance = random.Random(20261120)
    await here.post("model", reset=True, **CONDUCT)
    data, port = folder / "data", free_port()
    own = {"DATABASE_URL": database.dsn}
    hooks = [webhook_process(here, data, port, name, **own) for name in "ab"]
    workers = [worker_process(here, data, name, **own) for name in "ab"]
    async with running(*hooks, *workers):
        await until_listening(*hooks)
        people = await here.people(PEOPLE)
        for person in people:
            await here.says(person, "/new_vision Путь")

        said: dict[int, list[str]] = {person: [] for person in people}
        over = asyncio.Event()

        async def talk() -> None:
            for number in itertools.count():
                if over.is_set() and number >= MESSAGES:
                    return
                person = chance.choice(people)
                said[person].append(f"шаг {number}")
                await here.says(person, f"шаг {number}")
                await asyncio.sleep(0.15)

        async def come_and_go() -> None:
            for processes in (hooks, workers):
                await processes[0].kill()
                await processes[0].start()
            assert await hooks[1].terminate() == 0
            assert await workers[1].terminate() == 0
            over.set()

        async with asyncio.TaskGroup() as group:
            group.create_task(talk())
            group.create_task(come_and_go())
        await settle(here, database, workers[0], 120)

        kept = await database.rows(
            "select a.telegram_id, m.content from public.vision_messages m"
            " join public.visions v on v.id = m.vision_id"
            " join public.telegram_accounts a on a.user_id = v.user_id"
            " where m.sender = 'user' order by m.id"
        )
        in_order = {person: [text for who, text in kept if who == person] for person in people}
        assert in_order == said
        assert await database.rows("select count(*) from public.visions") == [(PEOPLE,)]
        assert await database.rows("select count(*) from public.kept_updates") == [(0,)]
        stored = await database.rows(
            "select count(*) from public.vision_messages where sender = 'assistant'"
        )
        sent = [e for e in await here.sent(methods="sendMessage") if e["text"] == "Ответ."]
        # Only what the killed worker was just sending may have been sent twice.
        assert stored[0][0] <= len(sent) <= stored[0][0] + 5
        for process in (hooks[0], workers[0]):
            assert await process.terminate() == 0


async def test_on_the_embedded_database_they_share_the_server(here: Ground, data: Path) -> None:
    """The first one starts it and alone may free leases, the last one stops it."""
    person = await newcomer(here)
    hook = webhook_process(here, data, free_port())
    first, second = (worker_process(here, data, name) for name in "ab")
    async with running(hook, first):
        await heard(here, person, "Дом")
        await here.post("model", reset=True, **CONDUCT | {"total": 12})
        await here.says(person, "Хочу дом")
        async with asyncio.timeout(60):
            while not (await here.get("model", last=0))["in_flight"]:
                await asyncio.sleep(0.05)
        async with running(second):
            await heard(here, person, "Ответ.")
            # A newcomer that freed the first one's lease would have taken its turn.
            await until(lambda: "turn done" in first.text(), first)
            assert "taking up" not in second.text()
            assert "turn " not in second.text()
            await here.post("model", reset=True, **CONDUCT)
            await first.kill()
            await here.says(person, "Ты тут?")
            await heard(here, person, "Ответ.", 2)
            server = postmaster(data)
            assert await hook.terminate() == 0
            assert server.is_running()
            assert await second.terminate() == 0
            assert gone(server)


async def test_from_polling_to_a_webhook_and_back(here: Ground, data: Path) -> None:
    person = await newcomer(here)
    port = free_port()
    poller, hook, worker = (
        bot_process(here, data),
        webhook_process(here, data, port),
        worker_process(here, data),
    )
    async with running(poller):
        await heard(here, person, "Дом")
        assert await poller.terminate() == 0
    await here.says(person, "раз")
    async with running(hook, worker):
        await heard(here, person, "Ответ.")
        assert await hook.terminate() == 0
        assert await worker.terminate() == 0
    await here.says(person, "два")
    async with running(poller):
        await until(lambda: "updates go to a webhook at 127.0.0.1" in poller.text(), poller)
        delete = Process(
            "-m", "bot", "webhook", "--delete",
            log=data.parent / "delete.log", env=here.bot_environment(data),
        )  # fmt: skip
        await delete.start()
        assert "127.0.0.1 is deleted" in await delete.line()
        assert await ended(delete) == 0
        await heard(here, person, "Ответ.", 2)
        assert await poller.terminate() == 0


async def test_a_second_poller_on_another_database_is_told_of(
    here: Ground, data: Path, folder: Path, database: Database
) -> None:
    [admin] = await here.people(1)
    ours = bot_process(here, data, ADMIN_IDS=str(admin))
    theirs = bot_process(here, folder / "elsewhere" / "data", DATABASE_URL=database.dsn)
    (folder / "elsewhere").mkdir()
    async with running(ours):
        await here.until_polled()
        async with running(theirs):
            told = "another program polls for this bot"
            await until(lambda: told in ours.text() + theirs.text(), ours, theirs)
            await theirs.terminate()
        await here.says(admin, "/new_vision Дом")
        await heard(here, admin, "Дом")
        assert ours.text().count(told) <= 1
        assert await ours.terminate() == 0


async def test_what_a_killed_process_had_kept_is_handled_by_the_next(
    here: Ground, data: Path
) -> None:
    person = await newcomer(here)
    await here.post("faults", method="sendMessage", status=429, count=1, retry_after=50)
    first, second = bot_process(here, data), bot_process(here, data)
    async with running(first):
        # The answer waits for Telegram, the update is confirmed meanwhile.
        async with asyncio.timeout(120):
            while (await here.get("counters"))["pending_updates"][str(BOT_ID)]:
                await asyncio.sleep(0.1)
        assert not await here.sent(methods="sendMessage")
        await first.kill()
        async with running(second):
            await heard(here, person, "Дом")
            assert "taking up 1 kept updates" in second.text()
            assert await second.terminate() == 0


async def test_a_port_that_something_else_has_is_said(here: Ground, data: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    hook = webhook_process(here, data, port)
    async with running(hook):
        assert await ended(hook) == 2
    assert "WEBHOOK_LISTEN" in hook.text()
    server.close()
