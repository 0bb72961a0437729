"""A real PostgreSQL for tests: one server per session, one fresh migrated database per test."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent.parent / "migrations"
CALLS = Path(__file__).parent / "calls.sql"
"""Functions for tests of what carries a call."""
# Nothing here has to survive a power cut; without fsync a new database takes ~20 ms.
DURABILITY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "64MB",
}
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 * 2**30


class Server(Protocol):
    async def start(self) -> str: ...

    async def stop(self) -> None: ...


@contextmanager
def reachable_folder(*, in_memory: bool = False) -> Iterator[Path]:
    """A temporary DATA_DIR that an unprivileged user can pass through, unlike pytest's tmp_path.

    Under tmp_path the server of a test run as root has to take shelter in /var/lib. `in_memory`,
    where there is room: programs may not run from there.
    """
    parent = MEMORY if in_memory and _roomy(MEMORY) else Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="vision-path-test-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _roomy(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free > ROOM_BYTES


def blocking(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: the test session's event loop is not ours to touch."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class TestServer:
    """Databases cut from one migrated template. Blocking `start`/`stop`, so any loop may use it."""

    __test__ = False

    def __init__(self, folder: Path, postgres: Server | None = None) -> None:
        """`postgres` is the embedded one unless given."""
        self._postgres = postgres or EmbeddedPostgres(folder / "postgres", settings=DURABILITY)
        self._admin = ""
        self._template = False

    def start(self) -> None:
        self._admin = blocking(self._postgres.start())

    def stop(self) -> None:
        blocking(self._postgres.stop())

    async def fresh(self, *, migrated: bool = True) -> str:
        """The DSN of a new database of its own; without `migrated` it is an empty one."""
        name = f"test_{secrets.token_hex(6)}"
        template = "template1"
        if migrated:
            if not self._template:
                await self._sql("create database migrated template template1")
                await self.make_template(self._dsn("migrated"))
                self._template = True
            template = "migrated"
        # Half the time of the default, which writes every page to the log.
        await self._sql(f"create database {name} template {template} strategy file_copy")
        return self._dsn(name)

    async def make_template(self, dsn: str) -> None:
        """Migrate the empty database that all others are copies of."""
        await migrate(dsn, MIGRATIONS)

    async def drop(self, dsn: str) -> None:
        name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
        await self._sql(f"drop database if exists {name} with (force)")

    def _dsn(self, name: str) -> str:
        return make_conninfo(self._admin, dbname=name)

    async def _sql(self, statement: str) -> None:
        async with await psycopg.AsyncConnection.connect(self._admin, autocommit=True) as admin:
            await admin.execute(statement.encode())


_shared: list[TestServer] = []


@pytest.fixture(scope="session")
def database_server() -> Iterator[TestServer]:
    """The session's one server, also when several conftest files import this fixture."""
    if _shared:
        yield _shared[0]
        return
    with reachable_folder(in_memory=True) as folder:
        server = TestServer(folder)
        server.start()
        _shared.append(server)
        yield server
        _shared.clear()
        server.stop()


@pytest.fixture
async def dsn(database_server: TestServer) -> AsyncIterator[str]:
    """A fresh migrated database, dropped after the test."""
    fresh = await database_server.fresh()
    yield fresh
    await database_server.drop(fresh)
