"""The starter on real servers, with real processes killed."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from core.background import Background
from core.database.embedded import EmbeddedPostgres
from core.errors import Misconfigured
from tests.database import reachable_folder

ROOT = Path(__file__).parent.parent.parent

# Another process of the product: says who the server is, leaves when its input is closed.
SHARER = """
import asyncio, sys
from pathlib import Path
from core.database.embedded import EmbeddedPostgres

async def main():
    postgres = EmbeddedPostgres(Path(sys.argv[1]))
    postgres.launch()
    await postgres.start()
    pid = (Path(sys.argv[1]) / "data" / "postmaster.pid").read_text().splitlines()[0]
    print(pid, postgres.sole, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await postgres.stop()

asyncio.run(main())
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "data" / "postgres"
        for process in psutil.process_iter():
            try:
                if folder in Path(process.cwd()).parents:
                    process.kill()
            except (psutil.Error, OSError):
                continue


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(directory)
    await postgres.start()
    try:
        yield postgres
    finally:
        await postgres.stop()


def sharer(directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SHARER, str(directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> tuple[int, bool]:
    assert process.stdout is not None
    pid, sole = process.stdout.readline().split()
    return int(pid), sole == "True"


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


def server_pid(directory: Path) -> int:
    return int((directory / "data" / "postmaster.pid").read_text().splitlines()[0])


async def ask(dsn: str, query: str) -> object:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(query.encode())
        row = await cursor.fetchone() if cursor.description else None
        return row[0] if row else None


async def until_reachable(dsn: str) -> None:
    while True:
        try:
            await ask(dsn, "select 1")
        except psycopg.OperationalError:
            await asyncio.sleep(0.02)
        else:
            return


def alive(pid: int) -> bool:
    """False for a zombie: not every machine has somebody to reap what a killed parent leaves."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until_gone(pid: int) -> None:
    while alive(pid):
        time.sleep(0.01)


def owner(path: Path) -> int:
    return path.stat().st_uid


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def process_of_the_servers_user(directory: Path) -> subprocess.Popen[bytes]:
    as_root = os.geteuid() == 0
    owner = directory.stat()
    return subprocess.Popen(
        ["sleep", "600"],
        user=owner.st_uid if as_root else None,
        group=owner.st_gid if as_root else None,
    )


async def test_what_was_committed_is_there_after_a_restart(directory: Path) -> None:
    async with running(directory) as postgres:
        assert postgres.sole
        dsn = await postgres.start()
        await ask(dsn, "create table kept as select 'Ж' as letter")
        assert await ask(dsn, "show listen_addresses") == ""
        assert await ask(dsn, "show fsync") == "on"
        assert await ask(dsn, "show timezone") == "UTC"
        assert await ask(dsn, "select lower(letter) from kept") == "ж"
        assert mode(directory) == 0o700
        pid = server_pid(directory)
    assert not alive(pid)
    async with running(directory) as postgres:
        assert await ask(await postgres.start(), "select letter from kept") == "Ж"


async def test_a_launch_without_a_start_is_stopped_too(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory)
    postgres.launch()
    await postgres.stop()
    assert not (directory / "data" / "postmaster.pid").exists()
    await postgres.stop()


async def test_a_killed_owner_leaves_a_server_that_the_next_start_owns(directory: Path) -> None:
    owner = sharer(directory)
    pid, sole = said(owner)
    assert sole
    owner.kill()
    owner.communicate()
    assert alive(pid)
    async with running(directory) as postgres:
        assert postgres.sole
        assert server_pid(directory) == pid
    until_gone(pid)


async def test_a_killed_server_comes_back_with_its_data(directory: Path) -> None:
    background = Background()
    async with running(directory) as postgres:
        dsn = await postgres.start()
        await ask(dsn, "create table kept as select 1 as number")
        background.spawn(postgres.watch(), "watch")
        first = server_pid(directory)
        os.kill(first, signal.SIGKILL)
        await asyncio.to_thread(until_gone, first)
        await until_reachable(dsn)
        assert await ask(dsn, "select number from kept") == 1
        assert server_pid(directory) != first
        await background.drain(0)


async def test_a_start_recovers_after_the_server_was_killed(directory: Path) -> None:
    other = sharer(directory)
    pid, _ = said(other)
    os.kill(pid, signal.SIGKILL)
    async with running(directory) as postgres:
        assert not postgres.sole  # the other process still counts on the server
        assert await ask(await postgres.start(), "select 1") == 1
    leave(other)
    assert not (directory / "data" / "postmaster.pid").exists()


async def test_a_foreign_process_with_the_stale_pid_stays_alive(directory: Path) -> None:
    async with running(directory):
        pid_file = (directory / "data" / "postmaster.pid").read_text()
    foreign = process_of_the_servers_user(directory)
    try:
        stale = "\n".join([str(foreign.pid), *pid_file.splitlines()[1:]])
        (directory / "data" / "postmaster.pid").write_text(stale + "\n")
        async with running(directory) as postgres:
            assert await ask(await postgres.start(), "select 1") == 1
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


@pytest.mark.parametrize("left", ["", "nonsense\n"])
async def test_a_torn_pid_file_is_no_obstacle(directory: Path, left: str) -> None:
    async with running(directory):
        pass
    (directory / "data" / "postmaster.pid").write_text(left)
    async with running(directory) as postgres:
        assert await ask(await postgres.start(), "select 1") == 1


async def test_the_last_one_to_leave_stops_the_server(directory: Path) -> None:
    other = sharer(directory)
    pid, _ = said(other)
    async with running(directory) as postgres:
        assert not postgres.sole
        dsn = await postgres.start()
        leave(other)
        assert await ask(dsn, "select 1") == 1
    assert not alive(pid)


async def test_racing_starters_share_one_server(directory: Path) -> None:
    starters = [sharer(directory) for _ in range(4)]
    told = [said(starter) for starter in starters]
    assert len({pid for pid, _ in told}) == 1
    assert [sole for _, sole in told].count(True) == 1
    for starter in starters:
        leave(starter)
    assert not alive(told[0][0])


async def test_a_path_too_long_for_a_socket(directory: Path) -> None:
    deep = directory.parent.joinpath(*["x" * 30] * 4, "postgres")
    async with running(deep) as postgres:
        dsn = await postgres.start()
        host = Path(psycopg.conninfo.conninfo_to_dict(dsn)["host"])
        assert host != deep
        assert mode(host) == 0o700
        assert owner(host) == owner(deep)
        async with running(deep) as second:
            assert await ask(await second.start(), "select 1") == 1
    # Whoever opens that folder to others gets no socket into it.
    os.chmod(host, 0o777)
    async with running(deep) as postgres:
        other = psycopg.conninfo.conninfo_to_dict(await postgres.start())["host"]
        assert other != str(host)
    for folder in (host, other):
        os.rmdir(folder)


async def test_a_half_made_cluster_is_made_anew(directory: Path) -> None:
    torn = directory / "data.new.0"
    torn.mkdir(parents=True, mode=0o700)
    (torn / "PG_VERSION").write_text("18")
    if os.geteuid() == 0:
        for folder in (directory.parent, directory.parent.parent):
            folder.chmod(0o711)
    async with running(directory) as postgres:
        assert await ask(await postgres.start(), "select 1") == 1
    assert not torn.exists()


async def test_a_server_that_does_not_start_says_why_in_one_line(directory: Path) -> None:
    async with running(directory):
        pass
    settings = directory / "data" / "postgresql.auto.conf"
    settings.write_text("work_mem = 'a lot'\n")
    broken = EmbeddedPostgres(directory)
    with pytest.raises(Misconfigured, match=r"does not start: .*FATAL.*server\.log") as told:
        await broken.start()
    assert "\n" not in str(told.value)
    await broken.stop()
    settings.write_text("")
    async with running(directory) as postgres:
        assert postgres.sole


async def test_data_of_another_major_version_is_refused(directory: Path) -> None:
    async with running(directory):
        pass
    (directory / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(Misconfigured, match="was made by PostgreSQL 15"):
        await EmbeddedPostgres(directory).start()


async def test_without_the_wheel_the_operator_learns_what_to_set(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(Misconfigured, match="DATABASE_URL"):
        await EmbeddedPostgres(directory).start()
