"""A map that survives the process: an append log of JSON lines, folded together at each start.

A line is written whole before a call returns, so a killed process loses nothing; a line that a
power cut has torn is left out at the next start.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

import orjson

from bot.playground.shapes import as_list


class StateLog:
    """Raises BlockingIOError where another process has the folder. Not for two threads at once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "playground.log"
        self._lock = os.open(folder / "playground.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise BlockingIOError(error.errno, f"another playground uses {folder}") from error
        self.live: dict[str, Any] = {}
        self.highest: dict[str, int] = {}
        self._read()
        self._fold()
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)

    def put(self, key: str, value: object) -> None:
        os.write(self._file, orjson.dumps([key, value]) + b"\n")

    def drop(self, key: str) -> None:
        os.write(self._file, orjson.dumps([key]) + b"\n")

    def release(self) -> None:
        """Let go of what was read at the start; it lives elsewhere now."""
        self.live = {}

    def close(self) -> None:
        os.close(self._file)
        os.close(self._lock)

    def _read(self) -> None:
        """`highest` remembers the top number under each prefix, also of keys that are dropped."""
        if not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for line in lines:
                try:
                    record = as_list(orjson.loads(line))
                except orjson.JSONDecodeError:
                    continue
                if not record or not isinstance(record[0], str):
                    continue
                key = record[0]
                self._note(key)
                if len(record) == 2:
                    self.live[key] = record[1]
                else:
                    self.live.pop(key, None)
        for key in [key for key in self.live if key.startswith("highest/")]:
            prefix = key.removeprefix("highest/")
            self.highest[prefix] = max(self.highest.get(prefix, 0), self.live.pop(key))

    def _note(self, key: str) -> None:
        prefix, _, number = key.rpartition("/")
        if number.isdecimal():
            self.highest[prefix] = max(self.highest.get(prefix, 0), int(number))

    def _fold(self) -> None:
        folded = self._path.with_suffix(".new")
        with os.fdopen(os.open(folded, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            for key, value in self.live.items():
                out.write(orjson.dumps([key, value]) + b"\n")
            for prefix, number in self.highest.items():
                out.write(orjson.dumps([f"highest/{prefix}", number]) + b"\n")
        folded.replace(self._path)
