"""Two containers with one data folder: never two servers on it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.embedded import EmbeddedPostgres
from core.errors import Misconfigured
from tests.database import reachable_folder
from tests.processes import ROOT

ELSEWHERE = ["unshare", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"]

# The bot of a container: says that it has a server, leaves when its input is closed.
OTHER = """
import asyncio, sys
from pathlib import Path
from core.database.embedded import EmbeddedPostgres

async def main():
    postgres = EmbeddedPostgres(Path(sys.argv[1]))
    await postgres.start()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await postgres.stop()

asyncio.run(main())
"""


def has_namespaces() -> bool:
    try:
        return subprocess.run([*ELSEWHERE, "true"], check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


pytestmark = pytest.mark.skipif(not has_namespaces(), reason="no namespaces for us here")


@pytest.fixture
def directory() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "data" / "postgres"
        left = servers(folder)
        for server in left:
            with suppress(psutil.NoSuchProcess):
                server.kill()
        psutil.wait_procs(left, 60)


@pytest.fixture
def other(directory: Path) -> Iterator[subprocess.Popen[str]]:
    container = subprocess.Popen(
        [*ELSEWHERE, sys.executable, "-c", OTHER, str(directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert container.stdout is not None
    assert container.stdout.readline() == "ready\n"
    try:
        yield container
    finally:
        container.kill()
        container.communicate()


def servers(folder: Path) -> list[psutil.Process]:
    """The postmasters of all containers: their backends are their children."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            postgres = process.name() == "postgres" and process.parent()
            if postgres and postgres.name() != "postgres" and folder in Path(process.cwd()).parents:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def kill(container: subprocess.Popen[str], folder: Path) -> None:
    """With all that runs in it."""
    inside = servers(folder)
    container.kill()
    container.communicate()
    assert not psutil.wait_procs(inside, 60)[1]


def say(directory: Path, state: str) -> None:
    """Into postmaster.pid, as the server itself does: it stays the same file."""
    path = directory / "data" / "postmaster.pid"
    *others, _ = path.read_text().splitlines()
    path.write_text("\n".join([*others, state.ljust(8)]) + "\n")


async def works(dsn: str) -> bool:
    try:
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            return (await (await connection.execute("select 1")).fetchone()) == (1,)
    except psycopg.OperationalError:
        return False


async def test_a_server_that_cannot_be_seen_is_not_started_again(
    directory: Path, other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.database.postmaster._UNSEEN_SECONDS", 0.5)
    [server] = servers(directory.parent)
    say(directory, "starting")
    postgres = EmbeddedPostgres(directory)
    with pytest.raises(Misconfigured, match="another container"):
        await postgres.start()
    await postgres.stop()
    assert servers(directory.parent) == [server]

    say(directory, "ready")
    postgres = EmbeddedPostgres(directory)
    try:
        assert await works(await postgres.start())
        assert not postgres.sole
    finally:
        await postgres.stop()
    assert servers(directory.parent) == [server]


async def test_it_is_waited_for_while_it_recovers(
    directory: Path, other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.database.postmaster._UNSEEN_SECONDS", 120.0)
    [server] = servers(directory.parent)
    say(directory, "starting")
    postgres = EmbeddedPostgres(directory)
    postgres.launch()
    await asyncio.sleep(0.5)
    say(directory, "ready")
    try:
        async with asyncio.timeout(60):
            assert await works(await postgres.start())
    finally:
        await postgres.stop()
    assert servers(directory.parent) == [server]


async def test_what_a_killed_container_left_is_started_again(
    directory: Path, other: subprocess.Popen[str]
) -> None:
    kill(other, directory.parent)
    say(directory, "starting")
    postgres = EmbeddedPostgres(directory)
    try:
        assert await works(await postgres.start())
        assert postgres.sole
    finally:
        await postgres.stop()


async def test_who_joined_starts_it_when_the_other_container_is_gone(
    directory: Path, other: subprocess.Popen[str]
) -> None:
    postgres = EmbeddedPostgres(directory)
    dsn = await postgres.start()
    watching = asyncio.create_task(postgres.watch())
    try:
        kill(other, directory.parent)
        async with asyncio.timeout(120):
            while not await works(dsn):
                await asyncio.sleep(0.05)
    finally:
        watching.cancel()
        await postgres.stop()
