"""Backup, restore and upgrade as an operator runs them, with everything that may come between."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.backup import read_manifest, restore
from core.backup.restoring import restore_from
from core.backup.upgrading import upgrade_data
from core.database.binaries import programs
from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate
from core.database.moved import Mark, write_mark
from core.database.os_user import SHELTER, settle
from core.database.sole_use import serving
from core.errors import Misconfigured, Unavailable
from core.progress import Step
from tests.database import MIGRATIONS, reachable_folder
from tests.processes import ROOT, Ground, bot_process, clean_environment, postmaster
from tests.stored_data import files_of, fill, keep_file, rows_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

Rows = dict[str, list[Any]]


class World:
    """A filled DATA_DIR, its backup, and what both hold."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.archive = folder / "bot.tar"
        with EmbeddedPostgres(self.data / "postgres").used() as dsn:
            asyncio.run(migrate(dsn, MIGRATIONS))
            fill(dsn, self.data / "files", people=40, messages=400, kept=6)
            self.rows = rows_of(dsn)
        self.files = files_of(self.data / "files")
        made = run(self.data, "backup", str(self.archive))
        assert made.returncode == 0, made.stderr


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with reachable_folder() as folder:
        yield World(folder)


@pytest.fixture
def data(world: World, folder: Path) -> Path:
    """A copy of the filled DATA_DIR, for this test alone."""
    subprocess.run(["cp", "-a", str(world.data), str(folder / "data")], check=True)
    return folder / "data"


def begun(data: Path, *arguments: str, **more: Any) -> subprocess.Popen[str]:
    settings = {"DATA_DIR": str(data)} | more.pop("settings", {})
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=clean_environment() | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def run(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    process = begun(data, *arguments, settings=settings)
    out, error = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, out, error)


def held(data: Path) -> tuple[Rows, dict[str, bytes]]:
    with EmbeddedPostgres(data / "postgres").used() as dsn:
        return rows_of(dsn), files_of(data / "files")


def change(data: Path) -> None:
    """What happens after the backup: people leave, words and files come."""
    with EmbeddedPostgres(data / "postgres").used() as dsn, psycopg.connect(dsn) as connection:
        connection.execute("delete from public.users where id = 'u3'")
        connection.execute("update public.users set meta = '{}'")
    keep_file(data / "files", b"later")


def silent(step: Step) -> None:
    pass


def test_everything_comes_back_and_what_was_there_is_kept(world: World, data: Path) -> None:
    change(data)
    changed = held(data)
    assert changed[0] != world.rows

    refused = run(data, "restore", str(world.archive))
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    done = run(data, "restore", str(world.archive), "--yes")

    assert done.returncode == 0, done.stderr
    assert held(data) == (world.rows, world.files)
    # The words on how to go back do what they say.
    [line] = [line for line in done.stdout.splitlines() if "To go back" in line]
    back = line.partition("stop the bot and: ")[2]
    subprocess.run(["sh", "-ec", back], check=True)
    assert held(data) == changed
    [line] = [line for line in done.stdout.splitlines() if "To delete it: " in line]
    assert str(data / "postgres.before-") in line


def test_on_a_new_machine(world: World, folder: Path) -> None:
    done = run(folder / "new", "restore", str(world.archive))
    assert done.returncode == 0, done.stderr
    assert held(folder / "new") == (world.rows, world.files)
    assert "kept" not in done.stdout
    assert {path.name for path in (folder / "new").iterdir()} == {
        "files",
        "postgres",
        "postgres.lock",
        "postgres.users",
    }


async def test_beside_a_running_bot(here: Ground, folder: Path) -> None:
    await here.post("model", reset=True, first_token=0.1, total=0.3, tokens=5, text="Ответ.")
    data = folder / "live"
    bot = bot_process(here, data)
    await bot.start()
    await here.until_polled()
    [person] = await here.people(1)
    await here.says(person, "/new_vision Дом")
    await here.says(person, "До копии")
    await said(here, person, "Ответ.")
    server = postmaster(data)

    archive = folder / "live.tar"
    made = await asyncio.to_thread(run, data, "backup", str(archive))
    assert made.returncode == 0, made.stderr
    assert server.is_running()
    refused = await asyncio.to_thread(run, data, "restore", str(archive), "--yes")
    assert refused.returncode == 2
    assert "in use" in refused.stderr

    await here.post("reset")
    await here.says(person, "После копии")
    await said(here, person, "Ответ.")
    assert postmaster(data).pid == server.pid
    await bot.terminate()

    done = await asyncio.to_thread(run, data, "restore", str(archive), "--yes")
    assert done.returncode == 0, done.stderr
    rows, _ = await asyncio.to_thread(held, data)
    words = "".join(row[0] for row in rows["public.vision_messages"])
    assert "До копии" in words
    assert "После копии" not in words


async def said(here: Ground, person: int, text: str) -> None:
    async with asyncio.timeout(60):
        while not [e for e in await here.sent(chat=person) if e["text"] == text]:
            await asyncio.sleep(0.1)


def test_a_restore_killed_on_its_way_changes_nothing(world: World, data: Path) -> None:
    change(data)
    changed = held(data)
    new = data / "postgres.new"
    for moment in (
        new / "data" / "PG_VERSION",
        new / "data" / "postmaster.pid",
        data / "files.new",
    ):
        process = begun(data, "restore", str(world.archive), "--yes")
        # What the one before has left there is removed first.
        left = ctime(moment)
        while ctime(moment) in (0, left):
            assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()
        assert held(data) == changed

    done = run(data, "restore", str(world.archive), "--yes")
    assert done.returncode == 0, done.stderr
    assert held(data) == (world.rows, world.files)
    assert not list(data.glob("*.new"))


def ctime(path: Path) -> int:
    try:
        return path.stat().st_ctime_ns
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_backup_leaves_nothing(
    data: Path, folder: Path, ending: signal.Signals
) -> None:
    archive = folder / "interrupted.tar"
    process = begun(data, "backup", str(archive))
    while not (folder / "interrupted.tar.part").exists():
        assert process.poll() is None, process.communicate()
    process.send_signal(ending)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "no backup was made" in error
    assert not list(folder.glob("interrupted*"))
    assert not (data / "postgres" / "data" / "postmaster.pid").exists()


def test_into_a_pipe(world: World, data: Path, folder: Path) -> None:
    archive = folder / "piped.tar"
    with archive.open("wb") as out:
        command = [sys.executable, "-m", "bot", "backup", "-"]
        env = clean_environment() | {"DATA_DIR": str(data)}
        subprocess.run(command, cwd=ROOT, env=env, stdout=out, check=True, timeout=120)
    assert read_manifest(archive).tables == read_manifest(world.archive).tables
    restore_from(folder / "new", archive, silent)
    assert held(folder / "new") == (world.rows, world.files)


def test_files_that_are_gone_or_damaged_are_told_and_break_nothing(
    world: World, data: Path, folder: Path
) -> None:
    gone, damaged, *_ = sorted(world.files)
    (data / "files" / "kept" / gone).unlink()
    (data / "files" / "kept" / damaged).write_bytes(b"another")
    archive = folder / "partly.tar"
    made = run(data, "backup", str(archive))
    assert made.returncode == 0, made.stderr
    assert "2 files" in made.stderr
    assert read_manifest(archive).lost == [gone, damaged]

    restore(folder / "new", archive, silent)
    _, files = held(folder / "new")
    assert files.keys() == world.files.keys() - {gone, damaged}


def beginning_of(name: bytes, archive: bytes) -> int:
    return archive.index(name) + 512 + 100


def test_a_damaged_backup_changes_nothing(world: World, data: Path, folder: Path) -> None:
    whole = world.archive.read_bytes()
    places = {
        "the dump": beginning_of(b"database/000000", whole) + 2000,
        "a file": beginning_of(b"files/", whole),
        "a count": whole.index(b'"public.users": ') + 17,
    }
    archive = folder / "damaged.tar"
    for what, index in places.items():
        damaged = bytearray(whole)
        damaged[index] = ord("1") if damaged[index] != ord("1") else ord("2")
        archive.write_bytes(damaged)
        with pytest.raises((Misconfigured, Unavailable)) as refusal:
            restore(data, archive, silent)
        assert "damaged" in str(refusal.value) or what != "a file"
    refused = run(data, "restore", str(archive), "--yes")
    assert refused.returncode == 2, refused.stderr
    assert "Traceback" not in refused.stderr
    assert held(data) == (world.rows, world.files)
    assert not list(data.glob("*.new"))
    assert not list(data.glob("*.before-*"))


def test_over_data_that_were_moved_the_danger_is_told(world: World, data: Path) -> None:
    write_mark(data / "postgres", Mark("db.example", "2026-11-20 10:00", "7", done=True))
    asked = run(data, "restore", str(world.archive))
    assert asked.returncode == 2
    done = run(data, "restore", str(world.archive), "--yes")
    assert done.returncode == 0, done.stderr
    for told in (asked.stderr, done.stderr):
        assert "moved to db.example on 2026-11-20 10:00 UTC" in told
        assert "in two places" in told
    assert held(data) == (world.rows, world.files)
    again = run(data, "restore", str(world.archive), "--yes")
    assert "in two places" not in again.stderr


def test_a_backup_of_a_newer_bot_is_refused(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer bot had a migration that is not here."""
    older = folder / "migrations"
    shutil.copytree(MIGRATIONS, older)
    sorted(older.glob("*.sql"))[-1].unlink()
    monkeypatch.setattr("core.backup.fresh_cluster.MIGRATIONS", older)
    with pytest.raises(Misconfigured, match="update the bot"):
        restore_from(folder / "new", world.archive, silent)
    assert not list((folder / "new").glob("postgres.*new*"))


def test_another_database_is_not_ours_to_back_up(data: Path, folder: Path) -> None:
    url = "postgresql://nobody:secret@127.0.0.1:1/x"
    for command in (["backup", str(folder / "x.tar")], ["restore", str(folder / "x.tar")]):
        refused = run(data, *command, DATABASE_URL=url)
        assert refused.returncode == 2
        assert "pg_dump" in refused.stderr
        assert "secret" not in refused.stderr
    assert run(folder / "none", "backup", str(folder / "x.tar")).returncode == 2
    assert not list(folder.glob("x.tar*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives the server to somebody else")
def test_where_the_database_stands_behind_a_link(world: World, tmp_path: Path) -> None:
    """DATA_DIR in a folder that only root may enter."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data, shelter = closed / "data", tmp_path.parent / f"{tmp_path.name}-shelter"
    with reachable_folder() as folder:
        shelter = folder / "shelter"
        with serving(data_of(data), shelter) as dsn:
            asyncio.run(migrate(dsn, MIGRATIONS))
        first = (data / "postgres").readlink()

        restored = restore_from(data, world.archive, silent, shelter)

        now = (data / "postgres").readlink()
        assert now.parent == shelter
        assert now != first
        assert restored.kept == [(kept, first) for kept in data.glob("postgres.before-*")]
        assert {path for path in shelter.iterdir() if path.is_dir()} == {first, now}
        with serving(data / "postgres", shelter) as dsn:
            assert rows_of(dsn) == world.rows


def data_of(data: Path) -> Path:
    data.mkdir(mode=0o711)
    return data / "postgres"


def made_by_16(directory: Path) -> None:
    """An empty cluster of PostgreSQL 16, as an older bot would have made it."""
    directory.parent.mkdir(mode=0o711)
    place = settle(directory)
    account = place.account
    subprocess.run(
        [
            str(programs(account, SHELTER, "16") / "initdb"),
            *("-D", str(directory / "data"), "-U", "postgres", "-E", "UTF8"),
            *("--locale=C", "--auth-local=trust", "--no-instructions"),
        ],
        check=True,
        capture_output=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        umask=0o077,
    )


def test_data_of_an_older_postgresql(folder: Path, world: World) -> None:
    data = folder / "older"
    directory = data / "postgres"
    made_by_16(directory)
    with serving(directory, major="16") as dsn:
        asyncio.run(migrate(dsn, MIGRATIONS))
        fill(dsn, data / "files", people=40, messages=400, kept=6)
        rows = rows_of(dsn)

    refused = run(data, "migrate")
    assert refused.returncode == 2
    assert "made by PostgreSQL 16" in refused.stderr
    assert "python -m bot upgrade" in refused.stderr
    kept = run(data, "backup", str(folder / "older.tar"))
    assert kept.returncode == 0, kept.stderr

    done = run(data, "upgrade")
    assert done.returncode == 0, done.stderr
    assert (directory / "data" / "PG_VERSION").read_text() == "18\n"
    now, files = held(data)
    assert now == rows
    assert files == world.files
    [old] = data.glob("postgres.before-*")
    assert (old / "data" / "PG_VERSION").read_text() == "16\n"
    assert upgrade_data(data, silent) is None

    restore(folder / "again", folder / "older.tar", silent)
    assert held(folder / "again") == (rows, files)


def test_the_archive_is_for_its_owner_and_for_any_tar(world: World) -> None:
    assert world.archive.stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(
        ["tar", "tf", str(world.archive)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert listed[-1] == "manifest.json"
    unpacked = subprocess.run(
        ["tar", "xOf", str(world.archive), *[name for name in listed if "database/" in name]],
        check=True,
        capture_output=True,
    ).stdout
    manifest = read_manifest(world.archive)
    assert hashlib.sha256(unpacked).hexdigest() == manifest.dump_sha256
    assert manifest.rows("users") == 40
