"""Locks between processes that vanish with their holder, however it ends."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from core.errors import Misconfigured


class FileLock:
    """flock(2) on a file of its own. Two objects exclude each other even inside one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def try_exclusive(self) -> bool:
        return self._try(exclusive=True)

    def try_shared(self) -> bool:
        return self._try(exclusive=False)

    def exclusive(self, seconds: float) -> bool:
        """Wait up to `seconds`. Polls, so that the waiting thread can never hang for ever."""
        deadline = time.monotonic() + seconds
        while not self.try_exclusive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _try(self, *, exclusive: bool) -> bool:
        if sys.platform == "win32":
            raise Misconfigured("no embedded PostgreSQL on Windows: set DATABASE_URL")
        import fcntl  # absent on Windows

        if self._fd is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            try:
                self._fd = os.open(self._path, flags, 0o600)
            except OSError as error:
                raise Misconfigured(f"{self._path} can't be used: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
