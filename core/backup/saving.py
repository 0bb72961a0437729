"""Making a backup, beside a running bot or without one."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from core.backup.archive import CHUNK, FILES, MANIFEST, PART, ArchiveWriter, sha256
from core.backup.dumping import dumping
from core.backup.manifest import TOLD, Manifest, write_manifest
from core.backup.survey import Survey, survey
from core.backup.target import need_space, new_file
from core.database.binaries import MAJOR, MAJORS, programs
from core.database.embedded import EmbeddedPostgres
from core.database.os_user import SHELTER
from core.database.postmaster import major_of
from core.errors import Misconfigured, Unavailable
from core.files.paths import is_path
from core.progress import EXCHANGE, Progress, Step

_PROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


def save_to(data_dir: Path, target: Path, progress: Progress, *, force: bool) -> Manifest:
    with new_file(target, force=force) as out:
        with _reading(data_dir) as dsn, survey(dsn) as seen:
            need_space(target.absolute().parent, seen.sizes()[0] + seen.files_bytes())
            manifest = _write(data_dir, dsn, seen, out, progress)
        progress(Step(EXCHANGE, "bytes", 0, None))
    return manifest


def save(data_dir: Path, out: BinaryIO, progress: Progress) -> Manifest:
    try:
        with _reading(data_dir) as dsn, survey(dsn) as seen:
            manifest = _write(data_dir, dsn, seen, out, progress)
        progress(Step(EXCHANGE, "bytes", 0, None))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unavailable(f"the backup can't be written: {error.strerror}") from error
    return manifest


@contextmanager
def _reading(data_dir: Path) -> Generator[str]:
    directory = data_dir.absolute() / "postgres"
    major = major_of(directory)
    if major is None:
        raise Misconfigured(f"there is no embedded database in {data_dir} to back up")
    # Data of an older PostgreSQL are kept with that one's own server; of an unknown one, not.
    older = major if major in MAJORS else MAJOR
    with EmbeddedPostgres(directory, major=older, reads_only=True).used() as dsn:
        yield dsn


@dataclass(slots=True)
class _Dumped:
    parts: int = 0
    size: int = 0
    sha256: str = ""


@dataclass(slots=True)
class _Copied:
    files: int = 0
    size: int = 0
    lost: list[str] = field(default_factory=list[str])
    lost_count: int = 0

    def lose(self, path: str) -> None:
        self.lost_count += 1
        if self.lost_count <= TOLD and len(path) <= 200 and path.isprintable():
            self.lost.append(path)


def _write(data_dir: Path, dsn: str, seen: Survey, out: BinaryIO, progress: Progress) -> Manifest:
    made_at = datetime.now(UTC)
    archive = ArchiveWriter(out, made_at.timestamp())
    dumped = _dump(archive, dsn, seen.snapshot(), progress)
    # After the dump: a file stands in the store before the database names it.
    copied = _copy(archive, data_dir.absolute() / "files" / "kept", seen, progress)
    manifest = Manifest(
        made_at=made_at,
        bot=_bot_version(),
        postgresql=MAJOR,
        migrations=seen.migrations(),
        tables=seen.counts(),
        database_bytes=seen.sizes()[1],
        dump_parts=dumped.parts,
        dump_bytes=dumped.size,
        dump_sha256=dumped.sha256,
        files=copied.files,
        files_bytes=copied.size,
        lost=copied.lost,
        lost_count=copied.lost_count,
    )
    told = write_manifest(manifest)
    archive.add(MANIFEST, len(told), [told])
    archive.end()
    out.flush()
    return manifest


def _dump(archive: ArchiveWriter, dsn: str, snapshot: str, progress: Progress) -> _Dumped:
    dumped = _Dumped()
    digest = hashlib.sha256()
    with dumping(programs(None, SHELTER), dsn, snapshot) as dump:
        while part := dump.read(PART):
            archive.add(f"database/{dumped.parts:06}", len(part), [part])
            digest.update(part)
            dumped.parts += 1
            dumped.size += len(part)
            progress(Step("database", "bytes", dumped.size, None))
    dumped.sha256 = digest.hexdigest()
    progress(Step("database", "bytes", dumped.size, dumped.size, ended=True))
    return dumped


def _copy(archive: ArchiveWriter, kept: Path, seen: Survey, progress: Progress) -> _Copied:
    copied = _Copied()
    total = seen.files_bytes()
    for path in seen.file_paths():
        # What is no path of ours never was in the store.
        if not is_path(path) or not _add_file(archive, kept, path, copied):
            copied.lose(path)
        progress(Step("files", "bytes", copied.size, max(total, copied.size)))
    progress(Step("files", "bytes", copied.size, copied.size, ended=True))
    return copied


def _add_file(archive: ArchiveWriter, kept: Path, path: str, copied: _Copied) -> bool:
    """False if it is gone (its owner may have erased it a moment ago), can't be read, or is not
    what it was."""
    try:
        opened = FileIO(kept / path, opener=_unlinked)
    except OSError:
        return False
    with opened:
        try:
            # Read twice: once its header is written, a file can't be left out any more.
            if sha256(_chunks(opened)) != path.partition("/")[2]:
                return False
        except OSError:
            return False
        size = opened.tell()
        opened.seek(0)
        archive.add(FILES + path, size, _chunks(opened))
    copied.files += 1
    copied.size += size
    return True


def _chunks(opened: FileIO) -> Generator[bytes]:
    while chunk := opened.read(CHUNK):
        yield chunk


def _unlinked(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def _bot_version() -> str:
    try:
        return str(tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["version"])
    except (OSError, ValueError, LookupError):
        return "unknown"
