"""From the embedded database to another PostgreSQL and to Storage, killed on the way, resumed."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web

from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate
from core.database.moved import Mark, read_mark, write_mark
from core.database.supabase import SupabaseDatabase
from core.errors import Misconfigured
from core.files.storage import StorageFiles
from core.moving import move
from core.progress import Step
from tests.database import MIGRATIONS, TestServer
from tests.processes import ROOT, Ground, bot_process, clean_environment
from tests.stored_data import VISION, files_of, fill, rows_of
from tests.supabase.lite import Lite
from tests.unit.storage_server import SECRET_KEY, StorageServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

MOMENTARY = ("locks", "send_budget", "policy")
RELEASED = ("turn_queue", "deliveries", "kept_updates", "notices")
BUCKET = "vision-files"


class Storage(StorageServer):
    """`takes` so many uploads, then lets the others wait."""

    def __init__(self) -> None:
        super().__init__()
        self.takes: int | None = None
        self.going_on = asyncio.Event()

    async def _upload(self, request: web.Request) -> web.Response:
        if self.takes is not None:
            self.takes -= 1
            if self.takes < 0:
                await self.going_on.wait()
        return await super()._upload(request)


@pytest.fixture
async def storage() -> AsyncIterator[Storage]:
    server = Storage()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def target(database_server: TestServer) -> AsyncIterator[str]:
    """An empty database without any of our tables."""
    dsn = await database_server.fresh(migrated=False)
    yield dsn
    await database_server.drop(dsn)


class Source:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.rows: dict[str, list[Any]] = {}

    async def fill(self, **size: int) -> None:
        postgres = EmbeddedPostgres(self.data / "postgres")
        dsn = await postgres.start()
        try:
            await migrate(dsn, MIGRATIONS)
            await asyncio.to_thread(fill, dsn, self.data / "files", **size)
            self.rows = rows_of(dsn, without=(*MOMENTARY, *RELEASED))
        finally:
            await postgres.stop()

    @property
    def files(self) -> dict[str, bytes]:
        return files_of(self.data / "files")

    async def moved(self, target: str, storage: StorageServer | None = None) -> Any:
        url, key = (storage.url, SECRET_KEY) if storage else ("", "")
        return await move(self.data, target, url, key, silent)


@pytest.fixture
async def source(data: Path) -> Source:
    made = Source(data)
    await made.fill(people=40, messages=400, kept=6)
    return made


def command(data: Path, target: str, storage: StorageServer | None) -> subprocess.Popen[str]:
    settings = {"DATA_DIR": str(data), "DATABASE_URL": target}
    if storage:
        settings |= {"SUPABASE_URL": storage.url, "SUPABASE_SECRET_KEY": SECRET_KEY}
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "move"],
        cwd=ROOT,
        env=clean_environment() | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, error = await asyncio.to_thread(process.communicate, None, 120)
    return process.returncode, out, error


def stored(storage: StorageServer) -> dict[str, bytes]:
    return {path: data for (bucket, path), data in storage.objects.items() if bucket == BUCKET}


SCHEMA = """
select conname, condeferrable, condeferred, convalidated, pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace order by 1
"""


def schema(dsn: str) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(SCHEMA).fetchall()


async def test_everything_is_there_and_killed_on_the_way_it_goes_on(
    source: Source, target: str, dsn: str, storage: Storage
) -> None:
    # In the middle of the files: some are there, some are not.
    storage.takes = 3
    first = command(source.data, target, storage)
    while len(stored(storage)) < 3:
        assert first.poll() is None, first.communicate()
        await asyncio.sleep(0.01)
    first.kill()
    await ended(first)
    assert len(stored(storage)) == 3
    storage.takes = None
    storage.going_on.set()
    assert read_mark(source.data / "postgres") is None

    # In the middle of the rows: nobody may write to a table, so that the copy has to wait.
    with psycopg.connect(target) as holder:
        holder.execute("lock table public.vision_messages in share mode")
        second = command(source.data, target, storage)
        await until_waiting(target, second)
        second.kill()
        await ended(second)
    assert stored(storage) == source.files
    assert rows_of(target)["public.users"] == []

    uploads = dict(storage.updated)
    storage.faults += [500, "cut"]
    code, out, error = await ended(command(source.data, target, storage))

    assert code == 0, error
    assert "40 people, 400 messages" in out
    assert storage.updated == uploads  # what was there is not sent again
    assert rows_of(target, without=(*MOMENTARY, *RELEASED)) == source.rows
    assert schema(target) == schema(dsn)
    with psycopg.connect(target) as connection:
        leased = connection.execute(
            "select (select count(*) from turn_queue where lease is not null or run_at > now()),"
            " (select count(*) from deliveries where lease is not null and delivered_at is null),"
            " (select count(*) from turn_queue), (select count(*) from deliveries)"
        ).fetchone()
    assert leased is not None
    assert leased[:2] == (0, 0)
    assert min(leased[2:]) > 0

    # Once more there is nothing to do, and nothing is done.
    code, out, _ = await ended(command(source.data, target, storage))
    assert code == 0
    assert "nothing is left to do" in out


async def until_waiting(target: str, process: subprocess.Popen[str]) -> None:
    waiting = "select count(*) from pg_stat_activity where application_name = 'vision-path move'"
    async with await psycopg.AsyncConnection.connect(target, autocommit=True) as connection:
        while True:
            assert process.poll() is None, process.communicate()
            query = f"{waiting} and wait_event_type = 'Lock'"
            row = await (await connection.execute(query.encode())).fetchone()
            if row and row[0]:
                return
            await asyncio.sleep(0.02)


async def test_a_bot_on_the_target_answers_and_none_starts_on_the_source(
    here: Ground, data: Path, target: str, storage: StorageServer
) -> None:
    conduct = {"first_token": 0.1, "total": 60.0, "tokens": 5, "text": "Ответ."}
    await here.post("model", reset=True, **conduct)
    old = bot_process(here, data)
    await old.start()
    await here.until_polled()
    [person] = await here.people(1)
    await here.says(person, "/new_vision Дом")
    await here.says(person, "Хочу дом у моря")
    async with asyncio.timeout(60):
        while not (await here.get("model", last=0))["in_flight"]:
            await asyncio.sleep(0.05)
    refused = await ended(command(data, target, storage))
    assert refused[0] == 2
    assert "in use" in refused[2]
    await old.kill()  # the turn is in flight, its lease stands

    code, _, error = await ended(command(data, target, storage))
    assert code == 0, error

    await here.post("model", reset=True, **conduct | {"total": 0.3})
    stale = bot_process(here, data)
    await stale.start()
    assert await stale.child.wait() == 2
    assert "was moved to" in stale.text()
    assert "set DATABASE_URL" in stale.text()

    new = bot_process(here, data, DATABASE_URL=target)
    await new.start()
    try:
        async with asyncio.timeout(60):
            while not [e for e in await here.sent(chat=person) if e["text"] == "Ответ."]:
                await asyncio.sleep(0.1)
    finally:
        await new.terminate()


async def test_to_a_server_like_supabase(source: Source, target: str, folder: Path) -> None:
    """Its database for the rows, its Storage for the files; then all of it over its REST."""
    await migrate(target, MIGRATIONS)
    with psycopg.connect(target) as connection:
        # As in every project of Supabase; Storage's tables are closed to it otherwise.
        connection.execute("alter role service_role bypassrls")
    project = Lite(target, folder / "project")
    await asyncio.to_thread(project.ensure)
    try:
        moved = await move(source.data, target, project.url, project.secret_key, silent)
        assert moved.files == len(source.files)
        assert not moved.left

        store = StorageFiles(project.url, project.secret_key, folder / "scratch")
        await store.open()
        read = {path: b"".join([c async for c in store.read(path)]) for path in source.files}
        await store.close()
        assert read == source.files

        database = SupabaseDatabase(project.url, project.secret_key)
        await database.open()
        listed = await database.call(
            "list_files", user_id="u1", vision_id=VISION, offset=0, limit=100
        )
        await database.close()
        assert {item["path"] for item in listed["items"]} == source.files.keys()
    finally:
        await asyncio.to_thread(project.stop)


def silent(step: Step) -> None:
    pass


async def test_a_target_with_people_in_it_is_left_alone(source: Source, target: str) -> None:
    await migrate(target, MIGRATIONS)
    with psycopg.connect(target) as connection:
        connection.execute("insert into public.users (id) values ('somebody')")
    with pytest.raises(Misconfigured, match="already holds 1 people"):
        await source.moved(target)
    assert rows_of(target)["public.users"][0][0].startswith("(somebody")
    assert read_mark(source.data / "postgres") is None


@pytest.mark.parametrize("committed", [True, False])
async def test_killed_round_its_commit_the_target_knows_what_became_of_it(
    source: Source, target: str, committed: bool
) -> None:
    """The last word of a killed move: a transaction's number, written before the commit."""
    await migrate(target, MIGRATIONS)
    with psycopg.connect(target) as connection:
        row = connection.execute("select pg_current_xact_id()::text").fetchone()
        assert row is not None
        if not committed:
            connection.rollback()
    directory = source.data / "postgres"
    name = await name_of(source, target)
    write_mark(directory, Mark(name, "2026-11-20 16:00", row[0], done=False))
    with pytest.raises(Misconfigured, match="interrupted at its very end"):
        await EmbeddedPostgres(directory).start()

    moved = await source.moved(target)

    assert moved.already == committed
    assert bool(moved.rows) != committed
    mark = read_mark(directory)
    assert mark is not None
    assert mark.done


async def name_of(source: Source, target: str) -> str:
    """What a move calls its target."""
    write_mark(source.data / "postgres", Mark("elsewhere:5432/x", "", "1", done=True))
    with pytest.raises(Misconfigured, match="elsewhere") as refusal:
        await source.moved(target)
    found = re.search("DATABASE_URL is (.*): to move", str(refusal.value))
    assert found
    return found[1]


async def test_files_that_can_not_go_are_told(
    source: Source, target: str, storage: StorageServer
) -> None:
    gone, damaged, *_ = sorted(source.files)
    kept = source.data / "files" / "kept"
    (kept / gone).unlink()
    (kept / damaged).write_bytes(b"another")
    small = storage.size_limit = 500_000
    too_large = {path for path, data in source.files.items() if len(data) > small}
    assert too_large

    code, out, error = await ended(command(source.data, target, storage))

    assert code == 1, error
    told = {tuple(line.split(": ")) for line in out.splitlines() if line.startswith("Not moved")}
    assert told == {
        ("Not moved, missing here", str(kept / gone)),
        ("Not moved, damaged here", str(kept / damaged)),
        *(("Not moved, larger than Storage takes", str(kept / path)) for path in too_large),
    }
    assert stored(storage).keys() == source.files.keys() - {gone, damaged} - too_large
    assert all(path.startswith(VISION) for path in stored(storage))


async def test_what_is_broken_on_the_other_side_is_sent_again(
    source: Source, target: str, storage: StorageServer
) -> None:
    broken = sorted(source.files)[0]
    storage.buckets[BUCKET] = False
    storage.objects[BUCKET, broken] = b"half"
    storage.updated[BUCKET, broken] = datetime.now(UTC)
    moved = await source.moved(target, storage)
    assert moved.files == len(source.files)
    assert stored(storage) == source.files


async def test_without_storage_the_files_stay(source: Source, target: str) -> None:
    code, out, error = await ended(command(source.data, target, None))
    assert code == 0, error
    assert f"Files stay in {source.data / 'files'}" in out
    assert rows_of(target)["public.files"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "set DATABASE_URL"),
        ({"SUPABASE_URL": "http://127.0.0.1:1", "SUPABASE_SECRET_KEY": "k"}, "for this once"),
        ({"DATABASE_URL": "postgresql://a:secret@127.0.0.1:1/x"}, "no embedded database"),
    ],
)
async def test_what_is_missing_is_said(data: Path, settings: dict[str, str], said: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "move"),
        cwd=ROOT,
        env=clean_environment() | {"DATA_DIR": str(data)} | settings,
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == 2
    assert said in error.decode()
    assert b"secret" not in error


async def test_a_table_of_the_operator_is_not_left_behind_silently(
    source: Source, target: str
) -> None:
    postgres = EmbeddedPostgres(source.data / "postgres")
    with psycopg.connect(await postgres.start()) as connection:
        connection.execute("create table public.notes (id int)")
    await postgres.stop()
    with pytest.raises(Misconfigured, match="notes"):
        await source.moved(target)


async def test_a_common_role_may_be_the_owner(source: Source, target: str) -> None:
    """Hosted databases give no superuser: the tables' owner is enough."""
    with psycopg.connect(target, autocommit=True) as admin:
        admin.execute((MIGRATIONS / "bootstrap" / "plain_postgres.sql").read_bytes())
        row = admin.execute("select current_database()").fetchone()
        assert row is not None
        role = f"owner_of_{row[0]}"
        admin.execute(f"create role {role} login createrole".encode())
        admin.execute(f"grant anon, authenticated, service_role to {role}".encode())
        admin.execute(f"alter database {row[0]} owner to {role}".encode())
        admin.execute(f"alter schema extensions owner to {role}".encode())
    try:
        moved = await source.moved(psycopg.conninfo.make_conninfo(target, user=role))
        assert moved.rows["users"] == 40
        assert rows_of(target, without=(*MOMENTARY, *RELEASED)) == source.rows
    finally:
        with psycopg.connect(target, autocommit=True) as admin:
            admin.execute(f"reassign owned by {role} to postgres".encode())
            admin.execute(f"drop owned by {role}".encode())
            admin.execute(f"drop role {role}".encode())
