"""The archive: a plain tar (ustar), written and read from its beginning to its end.

    database/000000 …       the dump of pg_dump's custom format, in parts
    files/<vision>/<sha256> people's files
    manifest.json           the last, so that an archive cut short is known by its lack

Not compressed as a whole: the dump is compressed by itself, and photos, recordings and documents
are already. So it streams both ways, any `tar` lists it, and nothing in it can blow up. The reader
is our own: a library for tars follows links, long names and sparse files, which have no place here.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from core.backup.manifest import LONGEST
from core.errors import Misconfigured, Unavailable
from core.files.paths import is_path

MANIFEST = "manifest.json"
FILES = "files/"
PART = 8 * 1024 * 1024
CHUNK = 1024 * 1024

_PART = re.compile(r"database/(\d{6})")
_BLOCK = tarfile.BLOCKSIZE


class ArchiveWriter:
    def __init__(self, out: BinaryIO, made_at: float) -> None:
        self._out = out
        self._made_at = made_at

    def add(self, name: str, size: int, chunks: Iterable[bytes]) -> None:
        """Raises Unavailable if there are not `size` bytes."""
        header = tarfile.TarInfo(name)
        header.size = size
        header.mode = 0o600
        header.mtime = int(self._made_at)
        self._out.write(header.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict"))
        written = 0
        for chunk in chunks:
            written += len(chunk)
            if written > size:
                break
            self._out.write(chunk)
        if written != size:
            raise Unavailable(f"{name} has changed while it was read")
        self._out.write(bytes(-size % _BLOCK))

    def end(self) -> None:
        self._out.write(bytes(2 * _BLOCK))


@dataclass(frozen=True, slots=True)
class Member:
    """`path` is that of the file store for a person's file, the number for a part of the dump."""

    kind: str
    path: str
    size: int
    archive: BinaryIO

    def chunks(self) -> Generator[bytes]:
        """The bytes from where the archive stands. Raises Misconfigured where it is cut short."""
        left = self.size
        while left:
            chunk = self.archive.read(min(left, CHUNK))
            if not chunk:
                raise Misconfigured("the backup is cut short")
            left -= len(chunk)
            yield chunk

    def data(self) -> bytes:
        return b"".join(self.chunks())


def members(archive: BinaryIO) -> Generator[Member]:
    """One after the other; what the caller has not read of a member is passed over.

    Raises Misconfigured for whatever we did not write: other names, kinds, sizes or orders, and
    for what is cut short.
    """
    end = os.fstat(archive.fileno()).st_size
    parts = 0
    while True:
        start = archive.tell()
        member = _member(archive, end)
        if member.kind == "database":
            if member.path != f"{parts:06}" or member.size > PART:
                raise Misconfigured("the backup: the parts of its dump are not in order")
            parts += 1
        yield member
        if member.kind == "manifest":
            return
        archive.seek(start + _BLOCK + member.size + -member.size % _BLOCK)


def sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _member(archive: BinaryIO, end: int) -> Member:
    block = archive.read(_BLOCK)
    if len(block) < _BLOCK or not any(block):
        raise Misconfigured("the backup is cut short: it has no manifest")
    try:
        # A header by itself: what other kinds of entries would have us read is not read.
        header = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError):
        raise Misconfigured("the backup is not one of our backups, or damaged") from None
    if header.type != tarfile.REGTYPE or header.size < 0:
        raise Misconfigured(f"the backup has an entry that is no plain file: {header.name[:100]!r}")
    if archive.tell() + header.size > end:
        raise Misconfigured("the backup is cut short")
    if header.name == MANIFEST and header.size <= LONGEST:
        return Member("manifest", "", header.size, archive)
    if match := _PART.fullmatch(header.name):
        return Member("database", match[1], header.size, archive)
    path = header.name.removeprefix(FILES)
    if path != header.name and is_path(path):
        return Member("file", path, header.size, archive)
    raise Misconfigured(f"the backup has an entry that is none of ours: {header.name[:100]!r}")
