"""A new cluster beside the present one, to be filled and put in its place."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.backup.survey import connected, survey
from core.database.migrate import migrate
from core.database.os_user import SHELTER
from core.database.sole_use import serving, stop_left_behind
from core.database.swap import fresh, swap
from core.errors import Misconfigured
from core.progress import EXCHANGE, Progress, Step

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
_ENDING_SECONDS = 10.0
_STILL_CHANGING = {errno.ENOENT, errno.ENOTEMPTY}


@contextmanager
def fresh_cluster(directory: Path, shelter: Path = SHELTER) -> Generator[str]:
    """The DSN of an empty database with the API's roles, in `fresh(directory)`; its server is
    stopped on leaving. Whatever an earlier attempt has left there is removed."""
    discard(fresh(directory))
    with serving(fresh(directory), shelter) as dsn:
        with connected(dsn) as connection:
            roles = (MIGRATIONS / "bootstrap" / "plain_postgres.sql").read_text("utf-8")
            connection.execute(roles.encode())
            # The dump brings its own.
            connection.execute("drop schema extensions")
        yield dsn


def compare(dsn: str, tables: dict[str, int]) -> None:
    """Raises Misconfigured unless the database holds just these rows."""
    with survey(dsn) as seen:
        found = seen.counts()
    for name in sorted(found.keys() | tables.keys()):
        if found.get(name) != tables.get(name):
            raise Misconfigured(
                f"{name} has {found.get(name)} rows after loading and had {tables.get(name)}"
            )


def bring_up_to_date(dsn: str) -> list[str]:
    """The names of the migrations applied."""
    return asyncio.run(migrate(dsn, MIGRATIONS))


def put_in_place(progress: Progress, directory: Path, *others: Path) -> list[tuple[Path, Path]]:
    """Swap what was made beside; returns the folders kept and where each truly stands."""
    progress(Step(EXCHANGE, "rows", 0, None))
    return [(kept, kept.resolve()) for kept in swap(directory, others)]


def refuse_mounts(*places: Path) -> None:
    """Raises Misconfigured for folders that can't be renamed."""
    for place in places:
        if os.path.ismount(place):
            raise Misconfigured(
                f"{place} is a mount point and can't be exchanged: mount {place.parent} instead"
            )


def discard(place: Path) -> None:
    """Remove a folder made beside, with the server that may still run in it.

    Raises Misconfigured.
    """
    if not os.path.lexists(place):
        return
    stop_left_behind(place)
    deadline = time.monotonic() + _ENDING_SECONDS
    while True:
        try:
            if place.is_dir():
                shutil.rmtree(place.resolve())
            if place.is_symlink():
                place.unlink()
        except OSError as error:
            # What initdb has begun ends a moment after it, and writes or removes until then.
            if error.errno not in _STILL_CHANGING or time.monotonic() > deadline:
                raise Misconfigured(f"{place} can't be removed: {error.strerror}") from error
            time.sleep(0.05)
        else:
            return


@contextmanager
def discarded_on_failure(*places: Path) -> Generator[None]:
    """What the body has begun in `places` goes with it; its failure is what the caller hears of."""
    try:
        yield
    except BaseException:
        for place in places:
            try:
                discard(place)
            except Misconfigured as error:
                log.warning("%s; the next restore or upgrade tries again", error)
        raise
