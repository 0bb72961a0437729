"""A zip under construction, in a file without a name: a kill leaves nothing of it on the disk."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from core.files.disk import CHUNK, on_disk

VOLUME_BYTES = 45_000_000
"""Telegram takes 50 MB from bots."""
OVERHEAD = 1_000
"""More than a member costs besides its content: its name stands in the zip twice."""


class Volume:
    """Use as `async with`. `add` what fits (see `fits`), then `finish` and `read`."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._zip: ZipFile
        self._file: IO[bytes]
        self.number = number
        self.size = 0
        self.members = 0

    async def __aenter__(self) -> Volume:
        await on_disk(self._open)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await on_disk(self._stack.close)

    def fits(self, size: int) -> bool:
        return not self.members or self.size + size <= VOLUME_BYTES

    async def add(self, name: str, chunks: AsyncIterator[bytes], *, packed: bool) -> None:
        """`packed`: it would hardly become smaller, and is kept as it is."""
        info = ZipInfo(name, time.localtime()[:6])
        info.compress_type = ZIP_STORED if packed else ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w") as member:
            async for chunk in chunks:
                await on_disk(member.write, chunk)
        self.members += 1
        self.size = self._file.tell() + OVERHEAD * self.members

    async def finish(self) -> None:
        await on_disk(self._zip.close)
        self.size = self._file.tell()

    async def read(self) -> AsyncGenerator[bytes, None]:
        place = 0
        while chunk := await on_disk(self._chunk, place):
            place += len(chunk)
            yield chunk

    def _chunk(self, place: int) -> bytes:
        self._file.seek(place)
        return self._file.read(CHUNK)

    def _open(self) -> None:
        self._file = self._stack.enter_context(TemporaryFile(dir=self._folder))  # noqa: SIM115
        self._zip = self._stack.enter_context(ZipFile(self._file, "w"))
