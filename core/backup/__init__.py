"""The embedded database and the files of people: kept in one archive and brought back from it.

Blocking code for the command line; it imports late, for every start of the bot passes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.backup.manifest import Manifest
from core.errors import Misconfigured
from core.progress import Progress


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept` are the folders from before, each with the place where it truly stands; `applied` are
    the migrations that were newer than the backup."""

    manifest: Manifest
    kept: list[tuple[Path, Path]]
    applied: list[str]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """From and to which major version of PostgreSQL; `kept` as in `Restored`."""

    old: str
    new: str
    rows: int
    kept: list[tuple[Path, Path]]


def back_up(data_dir: Path, target: Path, progress: Progress, *, force: bool = False) -> Manifest:
    """Write a backup to `target`, whole or not at all, also beside a running bot.

    `progress` hears of EXCHANGE before the file takes its name. Raises Misconfigured (nothing to
    keep, `target` exists and not `force`, no space) and Unavailable.
    """
    from core.backup.saving import save_to

    return save_to(data_dir, target, progress, force=force)


def stream_backup(data_dir: Path, out: BinaryIO, progress: Progress) -> Manifest:
    """Write a backup into a pipe. Its end is the manifest: without it the archive is refused."""
    from core.backup.saving import save

    return save(data_dir, out, progress)


def read_manifest(archive: Path) -> Manifest:
    """What a backup holds, after a look at its table of contents. Raises Misconfigured."""
    from core.backup.reading import inspect

    with archive.open("rb") as opened:
        return inspect(opened)


def has_data(data_dir: Path) -> bool:
    from core.database.postmaster import major_of

    return major_of(data_dir / "postgres") is not None


def moved_to(data_dir: Path) -> str | None:
    """Where the present data were moved and when, for people; None if they were not."""
    from core.database.moved import read_mark

    try:
        mark = read_mark(data_dir / "postgres")
    except Misconfigured:
        return "a place that can't be read any more"
    return None if mark is None else f"{mark.target} on {mark.at} UTC"


def restore(data_dir: Path, archive: Path, progress: Progress) -> Restored:
    """Put a backup in the place of the present data, which are kept beside it.

    Everything is checked before anything is exchanged: `progress` hears of EXCHANGE then. Raises
    Misconfigured (in use, damaged, made by a newer bot, no space) and Unavailable.
    """
    from core.backup.restoring import restore_from

    return restore_from(data_dir, archive, progress)


def upgrade(data_dir: Path, progress: Progress) -> Upgraded | None:
    """Bring data of an older PostgreSQL into the one we run; None if there is nothing to do.

    Raises Misconfigured and Unavailable; the old folder is never changed, only renamed at the end.
    """
    from core.backup.upgrading import upgrade_data

    return upgrade_data(data_dir, progress)
