"""Where files of people live. One interface; a local folder or Supabase Storage behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    """Kept bytes. `path` is `<folder>/<sha256>`: made by us from the content, so the same bytes
    in the same folder are kept once, and no name from outside ever becomes a path."""

    path: str
    size: int


class FileStore(Protocol):
    """Every call raises `Unavailable` where the store can't be reached or is full; repeating is
    harmless. `folder` is the id of a vision, so that one vision's files stand apart."""

    async def open(self) -> None:
        """Raises `Misconfigured` when the settings can't work."""
        ...

    async def close(self) -> None: ...

    async def put(self, folder: str, chunks: AsyncIterable[bytes], *, limit: int) -> Blob:
        """Keep a stream; raises `TooLarge` once it has more than `limit` bytes. All or nothing."""
        ...

    def read(self, path: str) -> AsyncGenerator[bytes, None]:
        """Raises `FileMissing`."""
        ...

    def local(self, path: str) -> AbstractAsyncContextManager[Path]:
        """The bytes as a file to read on this machine while inside. Raises `FileMissing`."""
        ...

    def scratch(self) -> AbstractAsyncContextManager[Path]:
        """An empty folder on this machine to work in, gone afterwards."""
        ...

    async def tidy(self) -> None:
        """Remove from the working folders of this machine what killed processes left in them a
        day ago and more."""
        ...

    async def delete(self, paths: Sequence[str], *, put_before: datetime | None = None) -> None:
        """What is not there is no error. With `put_before`, what was put at that moment or later
        stays: somebody may be about to write it down."""
        ...

    def kept(self) -> AsyncGenerator[tuple[str, datetime], None]:
        """All paths, and when each was put last."""
        ...

    def under(self, folder: str) -> AsyncGenerator[str, None]:
        """All paths of one folder."""
        ...
