"""A file is written, read and deleted; whatever fails, none is left behind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.checkup import Verdict
from core.checkup.clock import Clock
from core.checkup.parts import Parts
from core.checkup.storage import check_disk, check_files
from core.checkup.whole import storage_checks
from core.errors import Unavailable
from core.files.local import LocalFiles
from core.files.storage import StorageFiles
from core.settings import CoreSettings
from tests.unit.storage_server import SECRET_KEY, StorageServer


class Forgetful(LocalFiles):
    """A disk that gives back something else."""

    async def read(self, path: str) -> AsyncGenerator[bytes, None]:
        yield b"something else"


class Unreadable(LocalFiles):
    async def read(self, path: str) -> AsyncGenerator[bytes, None]:
        if path:
            raise Unavailable("the file store: Input/output error")
        yield b""


@pytest.fixture
async def server() -> AsyncIterator[StorageServer]:
    running = StorageServer()
    await running.start()
    yield running
    await running.stop()


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def looked_at(store: LocalFiles) -> Verdict:
    await store.open()
    return await check_files(store, "the folder", "Look at it.")


async def test_a_folder_that_works_is_as_it_was(tmp_path: Path) -> None:
    assert (await looked_at(LocalFiles(tmp_path))).status == "ok"
    assert list((tmp_path / "kept").iterdir()) == []
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("store", "words"), [(Forgetful, "another file"), (Unreadable, "Input/output error")]
)
async def test_what_was_written_is_deleted_also_on_failure(
    tmp_path: Path, store: type[LocalFiles], words: str
) -> None:
    verdict = await looked_at(store(tmp_path))
    assert verdict.status == "failed"
    assert words in verdict.found
    assert verdict.advice == "Look at it."
    assert left(tmp_path) == []


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    settings = CoreSettings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    parts = Parts(settings, Clock())
    check = next(check for check in storage_checks(parts) if check.name == "file store")
    verdict = await check.run()
    await parts.close()
    assert verdict.status == "failed"
    assert "can't be used" in verdict.found
    assert str(tmp_path / "files") in verdict.advice


async def test_supabase_storage_works_and_is_as_it_was(
    server: StorageServer, tmp_path: Path
) -> None:
    store = StorageFiles(server.url, SECRET_KEY, tmp_path)
    await store.open()
    assert (await check_files(store, "the bucket", "")).status == "ok"
    await store.close()
    assert server.objects == {}


@pytest.mark.parametrize(
    ("fault", "words"), [(403, "may not use"), (413, "more than"), (507, "507")]
)
async def test_supabase_storage_that_refuses(
    server: StorageServer, tmp_path: Path, fault: int, words: str
) -> None:
    store = StorageFiles(server.url, SECRET_KEY, tmp_path)
    await store.open()
    server.faults = [fault] * 3
    verdict = await check_files(store, "the bucket", "Look there.")
    await store.close()
    assert verdict.status == "failed"
    assert words in verdict.found
    assert SECRET_KEY not in verdict.found
    assert server.objects == {}


async def test_the_disk_is_told_in_bytes_and_judged(tmp_path: Path) -> None:
    assert (await check_disk(tmp_path, 1, 1)).status == "ok"
    assert (await check_disk(tmp_path, 1 << 60, 1)).status == "warning"
    full = await check_disk(tmp_path, 1 << 60, 1 << 60)
    assert full.status == "failed"
    assert str(tmp_path) in full.found


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


async def test_a_full_disk_is_told_as_such(small_disk: Path) -> None:
    store = LocalFiles(small_disk / "files")
    await store.open()
    with suppress(OSError):
        (small_disk / "ballast").write_bytes(bytes(64 * 1024))
    verdict = await check_files(store, "the folder", "Make space.")
    assert (verdict.status, verdict.advice) == ("failed", "Make space.")
    assert "full" in verdict.found
    assert (await check_disk(small_disk)).status == "failed"
