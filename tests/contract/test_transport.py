"""What a caller relies on, over psycopg and a real server."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.background import Background
from core.database.embedded import EmbeddedPostgres
from core.database.failures import CallError
from core.database.postgres import PostgresDatabase
from core.errors import Conflict, Misconfigured, NotFound, Unavailable
from tests.database import TestServer, reachable_folder

FUNCTIONS = """
create function public.echo(
  p_text text default null, p_small int default null, p_big bigint default null,
  p_exact numeric default null, p_flag boolean default null, p_id uuid default null,
  p_at timestamptz default null, p_list text[] default null, p_object jsonb default null
) returns jsonb language sql as $$
  select jsonb_build_object('text', p_text, 'small', p_small, 'big', p_big, 'exact', p_exact,
    'flag', p_flag, 'id', p_id, 'at', p_at at time zone 'UTC', 'list', p_list, 'object', p_object)
$$;
create function public.refuse(p_code text, p_name text) returns jsonb language plpgsql as $$
begin raise exception using errcode = p_code, message = p_name; end $$;
create sequence public.tries;
-- A sequence is not rolled back, so it counts the tries.
create function public.recover_at(p_try bigint, p_code text) returns jsonb
language plpgsql as $$
begin
  if nextval('public.tries') < p_try then
    raise exception using errcode = p_code, message = 'not yet';
  end if;
  return jsonb_build_object('tries', currval('public.tries'));
end $$;
create function public.doze(p_seconds float) returns jsonb language sql as $$
  select jsonb_build_object('slept', pg_sleep(p_seconds) is not null)
$$;
create function public.tell(p_word text) returns jsonb language plpgsql as $$
begin perform pg_notify('words', p_word); return '{}'; end $$;
"""


@pytest.fixture
async def dsn(database_server: TestServer) -> AsyncIterator[str]:
    fresh = await database_server.fresh(migrated=False)
    await run(fresh, FUNCTIONS)
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


async def test_values_keep_their_meaning(db: PostgresDatabase) -> None:
    told = await db.call(
        "echo",
        text="5",
        small=5,
        big=2**53 + 1,
        exact=0.5,
        flag=False,
        id="0b7e7c0e-1111-4222-8333-444455556666",
        at="2026-11-20T10:00:00+03:00",
        list=["a", 'б,"}', "", "null"],
        object={"deep": [1, {"ё": None}]},
    )
    assert told == {
        "text": "5",
        "small": 5,
        "big": 2**53 + 1,
        "exact": 0.5,
        "flag": False,
        "id": "0b7e7c0e-1111-4222-8333-444455556666",
        "at": "2026-11-20T07:00:00",
        "list": ["a", 'б,"}', "", "null"],
        "object": {"deep": [1, {"ё": None}]},
    }
    assert set((await db.call("echo")).values()) == {None}
    assert (await db.call("echo", list=[], object={}))["list"] == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    number=st.integers(-(2**63), 2**63 - 1),
)
def test_any_text_and_number_come_back(database_server: TestServer, text: str, number: int) -> None:
    async def there_and_back() -> object:
        db = PostgresDatabase(await shared(database_server), pool_size=1)
        try:
            return await db.call("echo", text=text, big=number, list=[text], object={"k": text})
        finally:
            await db.close()

    told = asyncio.run(there_and_back())
    assert isinstance(told, dict)
    assert (told["text"], told["big"], told["list"]) == (text, number, [text])
    assert told["object"] == {"k": text}


_shared: dict[int, str] = {}


async def shared(server: TestServer) -> str:
    if id(server) not in _shared:
        _shared[id(server)] = await server.fresh(migrated=False)
        await run(_shared[id(server)], FUNCTIONS)
    return _shared[id(server)]


async def test_rules_of_the_product_become_typed_errors(db: PostgresDatabase) -> None:
    with pytest.raises(NotFound, match="vision_not_found") as told:
        await db.call("refuse", code="PT404", name="vision_not_found")
    assert told.value.name == "vision_not_found"
    with pytest.raises(Conflict):
        await db.call("refuse", code="PT409", name="vision_frozen")


async def test_mistakes_name_function_and_code_but_no_values(db: PostgresDatabase) -> None:
    with pytest.raises(CallError, match="echo failed with SQLSTATE 22P02") as told:
        await db.call("echo", id="my secret")
    assert "secret" not in str(told.value)
    assert told.value.__suppress_context__
    for text in ("a\0b", "\ud800"):
        with pytest.raises(CallError):
            await db.call("echo", text=text)
        with pytest.raises(CallError):
            await db.call("echo", object={"k": text})


async def test_a_missing_function_means_missing_migrations(db: PostgresDatabase) -> None:
    with pytest.raises(Misconfigured, match=r"public\.nowhere.*migrations"):
        await db.call("nowhere", a=1)
    with pytest.raises(Misconfigured, match=r"public\.echo"):
        await db.call("echo", no_such_argument=1)


@pytest.mark.parametrize("name", ["echo()", "Echo", "pg_catalog.now", "", "e" * 63, "echo\n"])
async def test_names_are_not_a_way_in(db: PostgresDatabase, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        await db.call(name)
    with pytest.raises(ValueError, match="not a name"):
        await db.call("echo", **{name: 1})


@pytest.mark.parametrize("code", ["40001", "40P01", "53300", "57P03"])
async def test_a_passing_trouble_is_tried_again(db: PostgresDatabase, code: str) -> None:
    assert await db.call("recover_at", **{"try": 3, "code": code}) == {"tries": 3}


async def test_a_lasting_trouble_is_unavailable(db: PostgresDatabase) -> None:
    with pytest.raises(Unavailable):
        await db.call("recover_at", **{"try": 1000, "code": "40001"})


async def test_more_calls_than_connections(db: PostgresDatabase) -> None:
    told = await asyncio.gather(*(db.call("echo", small=number) for number in range(200)))
    assert [answer["small"] for answer in told] == list(range(200))


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
        await run(dsn, FUNCTIONS)
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
