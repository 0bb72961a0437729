"""From an older major version of PostgreSQL to the one we run, by dump and load."""

from __future__ import annotations

from pathlib import Path

from core.backup import Upgraded
from core.backup.archive import CHUNK
from core.backup.dumping import dumping, loading
from core.backup.fresh_cluster import (
    compare,
    discarded_on_failure,
    fresh_cluster,
    put_in_place,
    refuse_mounts,
)
from core.backup.survey import survey
from core.backup.target import need_space
from core.database.binaries import MAJOR, MAJORS, programs
from core.database.os_user import SHELTER
from core.database.postmaster import major_of
from core.database.sole_use import serving, sole_use
from core.database.swap import fresh
from core.errors import Misconfigured
from core.progress import Progress, Step


def upgrade_data(data_dir: Path, progress: Progress, shelter: Path = SHELTER) -> Upgraded | None:
    directory = data_dir.absolute() / "postgres"
    with sole_use(directory):
        old = major_of(directory)
        if old is None:
            raise Misconfigured(f"there is no embedded database in {data_dir} to upgrade")
        if old == MAJOR:
            return None
        if old not in MAJORS:
            raise Misconfigured(
                f"{directory} was made by PostgreSQL {old}, which is not here: make a backup with"
                " the version of the bot that made it, and restore that with this one"
            )
        refuse_mounts(directory)
        with (
            discarded_on_failure(fresh(directory)),
            serving(directory, shelter, old) as source,
            fresh_cluster(directory, shelter) as dsn,
        ):
            rows = _transfer(source, dsn, directory, progress)
        return Upgraded(old, MAJOR, rows, put_in_place(progress, directory))


def _transfer(source: str, dsn: str, directory: Path, progress: Progress) -> int:
    found = programs(None, SHELTER)
    done = 0
    with survey(source) as seen:
        tables = seen.counts()
        need_space(directory.parent, seen.sizes()[1])
        with (
            loading(found, dsn) as into,
            dumping(found, source, seen.snapshot()) as dump,
        ):
            while chunk := dump.read(CHUNK):
                into.write(chunk)
                done += len(chunk)
                progress(Step("database", "bytes", done, None))
    progress(Step("database", "bytes", done, done, ended=True))
    compare(dsn, tables)
    return sum(tables.values())
