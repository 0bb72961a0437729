"""OLE compound files: what streams are in one, and that its chains of sectors come to an end."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

from core.isolated import JobRefused

_END = 0xFFFFFFFE
_ENTRY = 128
_SMALLEST = 64
_STREAM, _ROOT = 2, 5


class Compound:
    """Refuses as `broken`, also where a chain runs in a circle: the library that reads workbooks
    would follow it until the memory is full."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        if len(self._data) < 512:
            raise JobRefused("broken")
        (shift, mini_shift) = struct.unpack_from("<HH", self._data, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise JobRefused("broken")
        self._sector = 1 << shift
        self._steps = len(self._data) // _SMALLEST
        directory, cutoff, mini = struct.unpack_from("<I4xII", self._data, 48)
        self._next = self._numbers(self._allocation())
        mini_next = self._numbers(self._chain(mini, self._next))
        self.streams: set[str] = set()
        for sector in self._chain(directory, self._next):
            for kind, name, start, size in self._entries(sector):
                if kind == _STREAM:
                    self.streams.add(name)
                    small = size < cutoff
                    self._walk(start if size else _END, mini_next if small else self._next)
                elif kind == _ROOT:
                    self._walk(start, self._next)

    def _allocation(self) -> Iterator[int]:
        """Sectors of the table that says which sector follows which."""
        more, count = struct.unpack_from("<II", self._data, 68)
        yield from struct.unpack_from("<109I", self._data, 76)
        per_sector = self._sector // 4 - 1
        for _ in range(min(count, len(self._data) // self._sector)):
            table = self._bytes(more)
            if len(table) < self._sector:
                return
            *sectors, more = struct.unpack(f"<{per_sector}II", table)
            yield from sectors

    def _numbers(self, sectors: Iterator[int]) -> array[int]:
        numbers = array("I")
        for sector in sectors:
            table = self._bytes(sector)
            numbers.frombytes(table[: len(table) // 4 * 4])
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    def _chain(self, sector: int, following: array[int]) -> Iterator[int]:
        while sector < len(following):
            # A sector belongs to one chain, so all chains together are no longer than the file.
            self._steps -= 1
            if self._steps < 0:
                raise JobRefused("broken")
            yield sector
            sector = following[sector]

    def _walk(self, sector: int, following: array[int]) -> None:
        for _ in self._chain(sector, following):
            pass

    def _bytes(self, sector: int) -> bytes:
        start = (sector + 1) * self._sector
        return self._data[start : start + self._sector]

    def _entries(self, sector: int) -> Iterator[tuple[int, str, int, int]]:
        data = self._bytes(sector)
        for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", data, at + 64)
            start, size = struct.unpack_from("<II", data, at + 116)
            name = data[at : at + min(max(length - 2, 0), 62)]
            yield kind, name.decode("utf-16-le", errors="replace"), start, size
