"""Bringing a backup back: made and proved beside the present data, then exchanged with them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from core.backup import Restored
from core.backup.archive import Member, members
from core.backup.dumping import loading
from core.backup.fresh_cluster import (
    bring_up_to_date,
    compare,
    discard,
    discarded_on_failure,
    fresh_cluster,
    put_in_place,
    refuse_mounts,
)
from core.backup.manifest import Manifest
from core.backup.reading import inspect
from core.backup.target import need_space
from core.database.binaries import MAJOR, programs
from core.database.os_user import SHELTER
from core.database.sole_use import sole_use
from core.database.swap import fresh
from core.durability import sync_folder
from core.errors import Misconfigured, Unavailable
from core.progress import Progress, Step


def restore_from(
    data_dir: Path, archive: Path, progress: Progress, shelter: Path = SHELTER
) -> Restored:
    directory, files = data_dir.absolute() / "postgres", data_dir.absolute() / "files"
    try:
        opened = archive.open("rb")
    except OSError as error:
        raise Misconfigured(f"{archive} can't be read: {error.strerror}") from error
    with opened, sole_use(directory):
        manifest = inspect(opened)
        _check(manifest, directory, files)
        discard(fresh(files))
        try:
            with (
                discarded_on_failure(fresh(directory), fresh(files)),
                fresh_cluster(directory, shelter) as dsn,
            ):
                _unpack(opened, manifest, dsn, fresh(files), progress)
                compare(dsn, manifest.tables)
                applied = bring_up_to_date(dsn)
        except OSError as error:
            raise Unavailable(f"{error.filename or files}: {error.strerror}") from error
        return Restored(manifest, put_in_place(progress, directory, files), applied)


def _check(manifest: Manifest, directory: Path, files: Path) -> None:
    if int(manifest.postgresql) > int(MAJOR):
        raise Misconfigured(
            f"the backup was made with PostgreSQL {manifest.postgresql}, here is {MAJOR}:"
            " update the bot"
        )
    refuse_mounts(directory, files)
    if files.is_symlink():
        raise Misconfigured(f"{files} is a link, whose target a restore would leave: remove it")
    need_space(directory.parent, manifest.database_bytes + manifest.files_bytes)


def _unpack(
    archive: BinaryIO, manifest: Manifest, dsn: str, files: Path, progress: Progress
) -> None:
    archive.seek(0)
    kept = files / "kept"
    kept.mkdir(mode=0o700, parents=True)
    files.chmod(0o700)
    entries = members(archive)
    digest = hashlib.sha256()
    loaded = copied = 0
    following: Member | None = None
    with loading(programs(None, SHELTER), dsn) as dump:
        for member in entries:
            if member.kind != "database":
                following = member
                break
            for chunk in member.chunks():
                digest.update(chunk)
                dump.write(chunk)
                loaded += len(chunk)
                progress(Step("database", "bytes", loaded, manifest.dump_bytes))
    progress(Step("database", "bytes", loaded, loaded, ended=True))
    if digest.hexdigest() != manifest.dump_sha256:
        raise Misconfigured("the backup: its dump is damaged: the checksum is another one")
    while following is not None and following.kind == "file":
        _put(kept, following)
        copied += following.size
        progress(Step("files", "bytes", copied, manifest.files_bytes))
        following = next(entries)
    for folder in (*kept.iterdir(), kept, files):
        sync_folder(folder)
    progress(Step("files", "bytes", copied, copied, ended=True))


def _put(kept: Path, member: Member) -> None:
    folder, _, name = member.path.partition("/")
    place = kept / folder / name
    digest = hashlib.sha256()
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        opened = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(opened, "wb") as out:
            for chunk in member.chunks():
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        raise Misconfigured(f"the backup holds {member.path} twice") from None
    if digest.hexdigest() != name:
        raise Misconfigured(f"the backup: {member.path} is damaged: the checksum is another one")
