"""ZIP packages with XML inside (OOXML, OpenDocument), opened only where they can't blow up."""

from __future__ import annotations

import copy
import posixpath
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from core.isolated import JobRefused
from core.reading import markup

ENTRIES = 10_000
UNPACKED = 256 * 2**20
# Office files shrink 5 to 50 times; a sheet of one repeated value may shrink 200 times. Deflate
# ends at 1,032, which only bombs reach.
RATIO = 400
_SMALL = 4 * 2**20
_XML = 96 * 2**20

_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError, LookupError, OverflowError,
)  # fmt: skip


class Package:
    """Refuses as `broken`, `locked` or `heavy`; nothing is unpacked before it is asked for."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGED:
            raise JobRefused("broken") from None
        entries = self._zip.infolist()
        self.names = frozenset(entry.filename for entry in entries)
        if any(entry.flag_bits & 1 for entry in entries):
            raise JobRefused("locked")
        unpacked = sum(entry.file_size for entry in entries)
        packed = max(path.stat().st_size, 1)
        if len(entries) > ENTRIES or unpacked > UNPACKED:
            raise JobRefused("heavy")
        if unpacked > _SMALL and unpacked > packed * RATIO:
            raise JobRefused("heavy")

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @contextmanager
    def part(self, name: str) -> Generator[IO[bytes]]:
        """One entry as a stream. It never gives more bytes than the directory promised."""
        try:
            with self._zip.open(name) as stream:
                yield stream
        except _DAMAGED:
            raise JobRefused("broken") from None

    def read(self, name: str, limit: int) -> bytes:
        with self.part(name) as stream:
            return stream.read(limit)

    def elements(self, name: str, *tags: str) -> Iterator[tuple[str, Any]]:
        """See markup.elements."""
        if self._zip.getinfo(name).file_size > _XML:
            raise JobRefused("heavy")
        with self.part(name) as stream:
            yield from markup.elements(stream, *tags)

    def related(self, part: str = "") -> dict[str, tuple[str, str]]:
        """Relationships of a part (of the package for ""): id → (kind, name of the target)."""
        folder, _, file = part.rpartition("/")
        rels = posixpath.join(folder, "_rels", f"{file}.rels")
        found: dict[str, tuple[str, str]] = {}
        if rels not in self.names:
            return found
        for event, element in self.elements(rels, "Relationship"):
            if event == "end" and element.get("TargetMode") != "External":
                target = unquote(element.get("Target") or "")
                full = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                kind = (element.get("Type") or "").rpartition("/")[2]
                if full in self.names:
                    found[element.get("Id") or ""] = (kind, full)
        return found

    def main(self) -> str:
        """The part that is the document itself, by OOXML's rules; not always `document.xml`."""
        for kind, name in self.related().values():
            if kind == "officeDocument":
                return name
        raise JobRefused("broken")

    def unpacked(self, *suffixes: str) -> Iterator[tuple[str, bytes]]:
        """The entries that end so, piece by piece, as they really are. Refuses as `heavy` what is
        bigger than the directory says: for libraries that unpack without looking there."""
        total = 0
        for entry in self._zip.infolist():
            if not entry.filename.lower().endswith(suffixes):
                continue
            loose = copy.copy(entry)
            loose.file_size = UNPACKED + 1
            try:
                with self._zip.open(loose) as stream:
                    while piece := stream.read(2**18):
                        total += len(piece)
                        if total > UNPACKED:
                            raise JobRefused("heavy")
                        yield entry.filename, piece
            except _DAMAGED:
                raise JobRefused("broken") from None
