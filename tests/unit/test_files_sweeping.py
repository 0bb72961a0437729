"""What nobody names is swept; what somebody may be about to name is not."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.errors import Unavailable
from core.files import sweeping
from core.files.local import LocalFiles
from core.files.sweeping import Sweeper

VISION = "0b8f3f0e-5c1d-4d0e-9a55-1f2e3d4c5b6a"


class KnownFiles:
    """A database that knows some paths. `meanwhile` happens before it answers."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked: list[Sequence[str]] = []
        self.failures = 0

    async def call(self, function: str, /, **arguments: Any) -> Any:
        if function == "take_lock":
            return await self.take_lock(**arguments)
        assert function == "unknown_files"
        return await self.unknown_files(**arguments)

    async def take_lock(self, *, name: str, holder: str, seconds: float) -> Any:
        return {"held": True}

    async def unknown_files(self, *, paths: Sequence[str]) -> Any:
        self.asked.append(paths)
        if self.failures:
            self.failures -= 1
            raise Unavailable("the database is down")
        await self.meanwhile(paths)
        return {"paths": [path for path in paths if path not in self.known]}

    async def meanwhile(self, paths: Sequence[str]) -> None:
        pass


class Store(LocalFiles):
    """A local store whose files can be made old."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    async def keep(self, data: bytes, *, hours: float) -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield data

        blob = await self.put(VISION, chunks(), limit=len(data))
        moment = time.time() - hours * 3600
        os.utime(self.folder / "kept" / blob.path, (moment, moment))
        return blob.path

    async def paths(self) -> set[str]:
        return {path async for path, _ in self.kept()}


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    files = Store(tmp_path)
    await files.open()
    return files


async def test_only_the_old_and_unknown_goes(store: Store) -> None:
    known = await store.keep(b"old and known", hours=100)
    fresh = await store.keep(b"fresh and unknown", hours=23)
    await store.keep(b"old and unknown", hours=25)
    assert await Sweeper(KnownFiles(known), store).sweep() == 1
    assert await store.paths() == {known, fresh}


async def test_an_empty_store_asks_nothing(store: Store) -> None:
    db = KnownFiles()
    assert await Sweeper(db, store).sweep() == 0
    assert db.asked == []


async def test_many_are_asked_about_in_parts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_BATCH", 10)
    known = [await store.keep(f"known {n}".encode(), hours=48) for n in range(13)]
    unknown = [await store.keep(f"unknown {n}".encode(), hours=48) for n in range(12)]
    db = KnownFiles(*known)
    assert await Sweeper(db, store).sweep() == 12
    assert [len(paths) for paths in db.asked] == [10, 10, 5]
    assert {path for paths in db.asked for path in paths} == {*known, *unknown}
    assert await store.paths() == set(known)


async def test_a_file_put_again_meanwhile_stays(store: Store) -> None:
    path = await store.keep(b"again", hours=48)

    class Meanwhile(KnownFiles):
        async def meanwhile(self, paths: Sequence[str]) -> None:
            await store.keep(b"again", hours=0)

    await Sweeper(Meanwhile(), store).sweep()
    assert await store.paths() == {path}


async def test_the_database_can_not_name_what_it_was_not_asked_about(store: Store) -> None:
    fresh = await store.keep(b"fresh", hours=1)
    await store.keep(b"old", hours=48)

    class Wrong(KnownFiles):
        async def unknown_files(self, *, paths: Sequence[str]) -> Any:
            return {"paths": [*paths, fresh, "../../etc/passwd"]}

    assert await Sweeper(Wrong(), store).sweep() == 1
    assert await store.paths() == {fresh}


async def test_it_goes_on_when_the_database_is_down(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await store.keep(b"old", hours=48)
    db = KnownFiles()
    db.failures = 2
    pauses: list[float] = []
    swept = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if not await store.paths():
            swept.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    monkeypatch.setattr(sweeping, "_pause", pause)
    running = asyncio.create_task(Sweeper(db, store).run())
    with caplog.at_level(logging.INFO):
        async with asyncio.timeout(30):
            await swept.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert pauses == [600, 21600, 21600, 21600]
    assert caplog.text.count("the database is down") == 2
    assert "1 files" in caplog.text


class Shared(KnownFiles):
    """One database of several processes, with a clock that is set."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.until = 0.0

    async def take_lock(self, *, name: str, holder: str, seconds: float) -> Any:
        held = self.until <= self.now
        if held:
            self.until = self.now + seconds
        return {"held": held}


async def test_one_process_of_all_lists_the_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[float] = []
    db = Shared()
    turn = asyncio.Condition()
    waiting = 0

    class Listed(Store):
        def kept(self) -> Any:
            listed.append(db.now)
            return super().kept()

    async def pause(seconds: float) -> None:
        nonlocal waiting
        async with turn:
            until = db.now + seconds
            waiting += 1
            turn.notify_all()
            await turn.wait_for(lambda: db.now >= until)

    async def until_all_wait() -> None:
        async with asyncio.timeout(30), turn:
            await turn.wait_for(lambda: waiting == len(running))

    monkeypatch.setattr(sweeping, "_pause", pause)
    running = [asyncio.create_task(Sweeper(db, Listed(store.folder)).run()) for _ in range(4)]
    for hours in (0.25, 6.5, 12.75):
        await until_all_wait()
        async with turn:
            db.now = hours * 3600
            waiting = 0
            turn.notify_all()
    await until_all_wait()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert listed == [0.25 * 3600, 6.5 * 3600, 12.75 * 3600]
