"""Files on the disk of this machine."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Misconfigured, Unavailable
from core.files.local import LocalFiles
from core.files.paths import is_path

VISION = "0b8f3f0e-5c1d-4d0e-9a55-1f2e3d4c5b6a"
HEX = "0123456789abcdef"


@pytest.fixture
async def store(tmp_path: Path) -> LocalFiles:
    files = LocalFiles(tmp_path / "data" / "files")
    await files.open()
    return files


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@given(st.text())
def test_no_text_from_outside_is_a_path(text: str) -> None:
    assert not is_path(text)
    assert not is_path(f"{VISION}/{text}")
    assert not is_path(f"{text}/{'a' * 64}")


@given(st.uuids(), st.text(HEX, min_size=64, max_size=64))
def test_every_name_we_make_is_a_path(folder: object, name: str) -> None:
    assert is_path(f"{folder}/{name}")


async def test_others_on_the_machine_see_nothing(store: LocalFiles, tmp_path: Path) -> None:
    blob = await store.put(VISION, chunks(b"secret"), limit=10)
    root = tmp_path / "data" / "files"
    for path in root.rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert path.stat().st_mode & 0o777 == expected, path
    async with store.local(blob.path) as file:
        assert file.stat().st_nlink == 1


async def test_open_again_keeps_what_is_there(store: LocalFiles, tmp_path: Path) -> None:
    blob = await store.put(VISION, chunks(b"kept"), limit=10)
    again = LocalFiles(tmp_path / "data" / "files")
    await again.open()
    assert b"".join([chunk async for chunk in again.read(blob.path)]) == b"kept"


@pytest.mark.parametrize("when", ["open", "tidy"])
async def test_what_a_kill_has_left_is_swept_but_not_what_is_in_use(
    store: LocalFiles, tmp_path: Path, when: str
) -> None:
    scratch = tmp_path / "data" / "files" / "scratch"
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "stays").touch()
    old = time.time() - 90_000
    for name in ("old", "new"):
        folder = scratch / name
        folder.mkdir()
        (folder / "file").touch()
        (scratch / f"{name}.part").touch()
    (scratch / "link").symlink_to(outside)
    for name in ("old", "old.part", "link"):
        os.utime(scratch / name, (old, old), follow_symlinks=False)
    await getattr(store, when)()
    assert sorted(path.name for path in scratch.iterdir()) == ["new", "new.part"]
    assert (outside / "stays").exists()


async def test_strange_things_in_the_folder_are_not_listed(
    store: LocalFiles, tmp_path: Path
) -> None:
    blob = await store.put(VISION, chunks(b"kept"), limit=10)
    kept = tmp_path / "data" / "files" / "kept"
    (kept / "lost+found").mkdir()
    (kept / "file").touch()
    (kept / VISION / "notes.txt").touch()
    assert [path async for path, _ in store.kept()] == [blob.path]


async def test_folders_of_deleted_files_go(store: LocalFiles, tmp_path: Path) -> None:
    blob = await store.put(VISION, chunks(b"kept"), limit=10)
    await store.delete([blob.path])
    assert list((tmp_path / "data" / "files" / "kept").iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "utime", "replace"])
async def test_a_full_disk_is_said_and_leaves_nothing(
    store: LocalFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(*((Path, "replace", full) if step == "replace" else (os, step, full)))
    with pytest.raises(Unavailable, match=r"^the disk of the file store is full$"):
        await store.put(VISION, chunks(b"x"), limit=1)
    monkeypatch.undo()
    assert list((tmp_path / "data" / "files" / "scratch").iterdir()) == []
    assert [path async for path in store.kept()] == []


async def test_a_store_that_has_vanished_is_unavailable(store: LocalFiles, tmp_path: Path) -> None:
    (tmp_path / "data" / "files" / "scratch").rmdir()
    with pytest.raises(Unavailable, match=r"^the file store: No such file"):
        await store.put(VISION, chunks(b"x"), limit=1)


async def test_a_folder_that_can_not_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="file/files"):
        await LocalFiles(tmp_path / "file" / "files").open()
