"""Streams into files and files into streams, a good piece at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import ExitStack
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from core.errors import FileMissing, TooLarge
from core.files.disk import CHUNK, on_disk


@dataclass(frozen=True, slots=True)
class Spooled:
    sha256: str
    size: int


async def spool(chunks: AsyncIterable[bytes], file: Path, *, limit: int) -> Spooled:
    """Write a stream to `file` and through to the disk. Raises `TooLarge` beyond `limit` bytes."""
    size = 0
    waiting = bytearray()
    with ExitStack() as stack:
        sink = _Sink(file, stack)
        await on_disk(sink.open)
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"more than {limit} bytes")
            waiting += chunk
            if len(waiting) >= CHUNK:
                await on_disk(sink.write, waiting)
                waiting = bytearray()
        await on_disk(sink.write, waiting)
        return Spooled(await on_disk(sink.finish), size)


async def stream(file: Path) -> AsyncGenerator[bytes, None]:
    """Raises `FileMissing`."""
    with ExitStack() as stack:
        source = _Source(file, stack)
        await on_disk(source.open)
        while data := await on_disk(source.read):
            yield data


class _Sink:
    """Closed by `stack`, also when the caller is gone before `open` has come back."""

    def __init__(self, file: Path, stack: ExitStack) -> None:
        self._file = file
        self._stack = stack
        self._opened: FileIO
        self._digest = hashlib.sha256()

    def open(self) -> None:
        opened = FileIO(self._file, "w", opener=_privately)
        self._opened = self._stack.enter_context(opened)

    def write(self, data: bytearray) -> None:
        self._digest.update(data)
        with memoryview(data) as view:
            written = 0
            while written < len(view):
                written += self._opened.write(view[written:])

    def finish(self) -> str:
        os.fsync(self._opened.fileno())
        return self._digest.hexdigest()


class _Source:
    """Closed by `stack`."""

    def __init__(self, file: Path, stack: ExitStack) -> None:
        self._file = file
        self._stack = stack
        self._opened: FileIO

    def open(self) -> None:
        try:
            self._opened = self._stack.enter_context(FileIO(self._file))
        except FileNotFoundError:
            raise FileMissing from None

    def read(self) -> bytes:
        return self._opened.read(CHUNK)


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
