"""People's files from this machine into another store, each read back and compared."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from core.errors import FileMissing, TooLarge, Unavailable
from core.files import FileStore
from core.progress import Progress, Step

_AT_ONCE = 8
_TRIES = 5
_PAUSE_SECONDS = 1.0
_TOLD = 100
_LARGEST = 2**40


@dataclass(slots=True)
class Uploaded:
    files: int = 0
    left: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    left_count: int = 0


class Uploading:
    def __init__(self, source: FileStore, target: FileStore, progress: Progress) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._result = Uploaded()
        self._done = 0
        self._total = 0

    async def upload(self, files: Sequence[tuple[str, int]]) -> Uploaded:
        """Bring these paths (with their sizes) over. What is there already is only read back: the
        target's `local` compares the content with the path, which is its checksum.

        Raises Unavailable when the target stays away: what is there by then is not sent again.
        """
        there = {path async for path, _ in self._target.kept()}
        self._total = sum(size for _, size in files)
        queue = iter(files)

        async def work() -> None:
            for path, size in queue:
                await self._bring(path, sent=path in there)
                self._done += size
                self._progress(Step("files", "bytes", self._done, self._total))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        self._progress(Step("files", "bytes", self._done, self._total, ended=True))
        return self._result

    async def _bring(self, path: str, *, sent: bool) -> None:
        why = await self._whole(path)
        if why is None:
            try:
                await self._patiently(path, sent=sent)
            except TooLarge:
                why = "larger than Storage takes"
        if why is None:
            self._result.files += 1
            return
        self._result.left_count += 1
        if len(self._result.left) < _TOLD:
            self._result.left.append((path, why))

    async def _patiently(self, path: str, *, sent: bool) -> None:
        for left in reversed(range(_TRIES)):
            try:
                if not sent:
                    await self._target.put(path.partition("/")[0], self._read(path), limit=_LARGEST)
                async with self._target.local(path):
                    return
            except (Unavailable, FileMissing) as error:
                sent = False
                if not left:
                    raise Unavailable(f"{path}: {error}") from error
            await asyncio.sleep(_PAUSE_SECONDS * 2 ** (_TRIES - 1 - left))

    async def _whole(self, path: str) -> str | None:
        digest = hashlib.sha256()
        try:
            async for chunk in self._read(path):
                digest.update(chunk)
        except FileMissing:
            return "missing here"
        return None if digest.hexdigest() == path.partition("/")[2] else "damaged here"

    async def _read(self, path: str) -> AsyncIterable[bytes]:
        async with aclosing(self._source.read(path)) as chunks:
            async for chunk in chunks:
                yield chunk
