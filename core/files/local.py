"""Files in a folder of this machine."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from core.errors import FileMissing
from core.files import Blob
from core.files.disk import on_disk
from core.files.paths import check_folder, is_path
from core.files.scratch import Scratch, make_private
from core.files.spooling import spool, stream

_LISTED = 500
_TRIES = 5


class LocalFiles:
    """See core.files.FileStore. Several processes may use one folder."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / "kept"
        # In the same file system, so that a finished file is moved in one step.
        self._scratch = Scratch(folder / "scratch")

    async def open(self) -> None:
        await make_private(self._kept)
        await self._scratch.open()

    async def close(self) -> None:
        """Nothing is held open."""

    async def put(self, folder: str, chunks: AsyncIterable[bytes], *, limit: int) -> Blob:
        check_folder(folder)
        async with self._scratch.file() as file:
            spooled = await spool(chunks, file, limit=limit)
            await on_disk(_move, file, self._kept / folder / spooled.sha256)
        return Blob(f"{folder}/{spooled.sha256}", spooled.size)

    async def read(self, path: str) -> AsyncGenerator[bytes, None]:
        async with aclosing(stream(self._place(path))) as chunks:
            async for chunk in chunks:
                yield chunk

    @asynccontextmanager
    async def local(self, path: str) -> AsyncGenerator[Path]:
        place = self._place(path)
        if not await on_disk(place.is_file):
            raise FileMissing
        yield place

    def scratch(self) -> AbstractAsyncContextManager[Path]:
        return self._scratch.folder()

    async def tidy(self) -> None:
        await self._scratch.tidy()

    async def delete(self, paths: Sequence[str], *, put_before: datetime | None = None) -> None:
        places = [self._place(path) for path in paths if is_path(path)]
        await on_disk(_delete, places, put_before)

    async def kept(self) -> AsyncGenerator[tuple[str, datetime], None]:
        walk = _walk(self._kept)
        while batch := await on_disk(list, islice(walk, _LISTED)):
            for found in batch:
                yield found

    async def under(self, folder: str) -> AsyncGenerator[str, None]:
        check_folder(folder)
        for name in await on_disk(_names, self._kept / folder):
            yield f"{folder}/{name}"

    def _place(self, path: str) -> Path:
        if not is_path(path):
            raise FileMissing
        return self._kept / path


def _move(file: Path, place: Path) -> None:
    os.utime(file)
    made = False
    for left in reversed(range(_TRIES)):
        made = _make(place.parent) or made
        try:
            file.replace(place)
            break
        except FileNotFoundError:
            # The folder was empty, and a deletion has just taken it away.
            if not left:
                raise
    with suppress(FileNotFoundError):  # somebody has deleted it already
        _sync(place.parent)
    if made:
        _sync(place.parent.parent)


def _make(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _delete(places: Sequence[Path], put_before: datetime | None) -> None:
    for place in places:
        with suppress(FileNotFoundError):
            if put_before is None or _put_at(place.stat()) < put_before:
                place.unlink()
        with suppress(OSError):  # other files are in it
            place.parent.rmdir()


def _walk(root: Path) -> Iterator[tuple[str, datetime]]:
    for folder in root.iterdir():
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
            for entry in entries:
                path = f"{folder.name}/{entry.name}"
                if is_path(path):
                    with suppress(FileNotFoundError):
                        yield path, _put_at(entry.stat(follow_symlinks=False))


def _names(folder: Path) -> list[str]:
    with suppress(FileNotFoundError):
        return [name for name in os.listdir(folder) if is_path(f"{folder.name}/{name}")]
    return []


def _put_at(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)
