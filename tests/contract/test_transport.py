"""What psycopg alone offers or may meet, on a real server; test_calls has what all share."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing

import psycopg
import pytest

from core.background import Background
from core.database.embedded import EmbeddedPostgres
from core.database.postgres import PostgresDatabase
from core.errors import Misconfigured, Unavailable
from tests.database import CALLS, TestServer, reachable_folder


@pytest.fixture
async def dsn(database_server: TestServer) -> AsyncIterator[str]:
    fresh = await database_server.fresh(migrated=False)
    await run(fresh, CALLS.read_text())
    yield fresh
    await database_server.drop(fresh)


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(dsn, pool_size=3)
    await database.open()
    yield database
    await database.close()


async def run(dsn: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def cut_connections(dsn: str) -> None:
    """As a failing server does: every session but ours ends."""
    await run(
        dsn,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()",
    )


async def test_cut_connections_are_not_the_callers_trouble(dsn: str, db: PostgresDatabase) -> None:
    await asyncio.gather(*(db.call("doze", seconds=0.01) for _ in range(3)))
    await cut_connections(dsn)
    told = await asyncio.gather(*(db.call("echo", small=number) for number in range(10)))
    assert len(told) == 10


async def test_a_call_cut_while_it_runs_is_made_again(dsn: str, db: PostgresDatabase) -> None:
    async with asyncio.TaskGroup() as group:
        call = group.create_task(db.call("doze", seconds=0.5))
        await asyncio.sleep(0.1)
        await cut_connections(dsn)
    assert call.result() == {"slept": True}


async def test_a_cancelled_call_gives_its_connection_back(db: PostgresDatabase) -> None:
    for _ in range(5):  # more than there are connections
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(db.call("doze", seconds=60), 0.05)
    assert (await db.call("echo", small=1))["small"] == 1


async def test_a_killed_server_is_an_interruption_and_not_an_end() -> None:
    background = Background()
    with reachable_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres")
        dsn = await postgres.start()
        background.spawn(postgres.watch(), "watch")
        await run(dsn, CALLS.read_text())
        db = PostgresDatabase(dsn)
        pid = int((folder / "postgres/data/postmaster.pid").read_text().splitlines()[0])
        await db.call("echo")
        os.kill(pid, signal.SIGKILL)
        while True:
            try:
                assert (await db.call("echo", small=1))["small"] == 1
            except Unavailable:
                continue
            if not (folder / "postgres/data/postmaster.pid").read_text().startswith(f"{pid}\n"):
                break
        await background.drain(0)
        await db.close()
        await postgres.stop()


async def test_a_server_that_is_not_there() -> None:
    with reachable_folder() as folder:
        db = PostgresDatabase(f"host={folder} user=postgres dbname=postgres")
        with pytest.raises(Unavailable):
            await db.open()
        with pytest.raises(Unavailable):
            await db.call("echo")


@pytest.mark.parametrize(
    "dsn", ["postgresql://u:secret@h/db?pgbouncer=true", "secret", "host=h secret"]
)
def test_a_malformed_dsn_is_not_repeated(dsn: str) -> None:
    with pytest.raises(Misconfigured, match="DATABASE_URL") as told:
        PostgresDatabase(dsn)
    assert "secret" not in str(told.value)


async def test_a_refusal_is_the_operators_matter(dsn: str) -> None:
    with pytest.raises(Misconfigured, match=r"DATABASE_URL: .*does not exist"):
        await PostgresDatabase(f"{dsn} dbname=nowhere").open()


async def test_notifications_survive_a_cut(dsn: str, db: PostgresDatabase) -> None:
    async with aclosing(db.notifications("words")) as words:

        async def heard(word: str) -> None:
            """What is told before the listener is back is lost: tell until it is heard."""
            async with asyncio.TaskGroup() as group:
                listening = group.create_task(anext(words))
                while not listening.done():
                    await db.call("tell", word=word)
                    await asyncio.wait([listening], timeout=0.05)
            assert listening.result() in {"before", word}

        await heard("before")
        await cut_connections(dsn)
        await heard("after")


async def test_only_one_holds_a_lock(dsn: str, db: PostgresDatabase) -> None:
    other = PostgresDatabase(dsn)
    order: list[str] = []

    async def second() -> None:
        async with other.exclusive("bot"):
            order.append("second")

    async with asyncio.TaskGroup() as group, db.exclusive("bot"):
        waiting = group.create_task(second())
        async with other.exclusive("another bot"):
            order.append("first")
        assert not waiting.done()
    assert order == ["first", "second"]


async def test_the_holder_learns_that_the_lock_is_lost(dsn: str, db: PostgresDatabase) -> None:
    async def work() -> None:
        async with db.exclusive("bot"):
            await cut_connections(dsn)
            await asyncio.Event().wait()

    with pytest.raises(Unavailable, match="lock bot was lost"):
        await work()
    async with db.exclusive("bot"):
        pass


async def test_a_transaction_poolers_lock_ends_with_its_transaction(dsn: str) -> None:
    class Pooled(PostgresDatabase):
        """The server's own port, treated as the pooler's."""

        def __init__(self, dsn: str) -> None:
            super().__init__(dsn)
            self._transaction_pooler = True

    one, two = Pooled(dsn), PostgresDatabase(dsn)
    async with asyncio.TaskGroup() as group, one.exclusive("bot"):
        entered = asyncio.Event()

        async def second() -> None:
            async with two.exclusive("bot"):
                entered.set()

        group.create_task(second())
        async with two.exclusive("another"):
            assert not entered.is_set()
    assert entered.is_set()


async def test_an_error_in_the_body_is_passed_on(db: PostgresDatabase) -> None:
    with pytest.raises(TimeoutError):
        async with db.exclusive("bot"):
            raise TimeoutError
