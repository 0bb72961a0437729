"""A folder for work in progress: nothing in it outlives its user, or a day after a kill."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from core.errors import Misconfigured, Unavailable
from core.files.disk import on_disk

LEFT_SECONDS = 86400.0
"""What is younger may belong to another process that is at work."""


class Scratch:
    def __init__(self, root: Path) -> None:
        self._root = root

    async def open(self) -> None:
        """Make the folder and sweep what killed processes have left in it."""
        await make_private(self._root)
        await self.tidy()

    async def tidy(self) -> None:
        await on_disk(self._sweep)

    @asynccontextmanager
    async def folder(self) -> AsyncGenerator[Path]:
        """An empty folder, removed on leaving."""
        made = self._root / secrets.token_hex(16)
        try:
            await on_disk(made.mkdir, mode=0o700)
            yield made
        finally:
            await on_disk(shutil.rmtree, made, ignore_errors=True)

    @asynccontextmanager
    async def file(self) -> AsyncGenerator[Path]:
        """A name for a new file, which is removed on leaving unless it has been moved away."""
        named = self._root / f"{secrets.token_hex(16)}.part"
        try:
            yield named
        finally:
            await on_disk(named.unlink, missing_ok=True)

    def _sweep(self) -> None:
        oldest = time.time() - LEFT_SECONDS
        for left in self._root.iterdir():
            try:
                if left.lstat().st_mtime > oldest:
                    continue
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink(missing_ok=True)
            except FileNotFoundError:
                continue  # another process sweeps as well


async def make_private(folder: Path) -> None:
    """Make a folder for us alone. Raises `Misconfigured`."""
    try:
        await on_disk(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        await on_disk(folder.chmod, 0o700)
    except Unavailable as error:
        raise Misconfigured(f"{folder} can't be used: {error}") from None
