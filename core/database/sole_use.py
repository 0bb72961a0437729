"""The embedded data for one command alone: nobody joins, nobody is thrown out."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.database.binaries import MAJOR, programs
from core.database.embedded import gate_of, socket_dsn, users_of
from core.database.os_user import SHELTER, Place, make_parents, settle
from core.database.postmaster import RECOVERY_SECONDS, Postmaster
from core.database.swap import finish_swap
from core.errors import Misconfigured


@contextmanager
def sole_use(directory: Path) -> Generator[None]:
    """Nobody else uses `DATA_DIR/postgres` during the body, and its server does not run.

    Raises Misconfigured at once while a bot or another command uses it; whoever comes during the
    body is refused as well. A server that killed processes have left running is stopped.
    """
    make_parents(directory)
    gate, users = gate_of(directory), users_of(directory)
    try:
        if not gate.exclusive(RECOVERY_SECONDS):
            raise Misconfigured(f"another process has held {directory}.lock for too long")
        if not users.try_exclusive():
            raise Misconfigured(f"{directory} is in use: stop the bot first, then repeat this")
        finish_swap(directory)
        stop_left_behind(directory)
        gate.release()
        yield
    finally:
        users.release()
        gate.release()


@contextmanager
def serving(directory: Path, shelter: Path = SHELTER, major: str = MAJOR) -> Generator[str]:
    """Run the server of a directory that the caller uses alone; gives its DSN.

    A directory that is not there is made. Raises Misconfigured.
    """
    place = settle(directory, shelter)
    server = Postmaster(place, programs(place.account, shelter, major), {}, major)
    try:
        yield socket_dsn(server.run())
    finally:
        server.stop()


def stop_left_behind(directory: Path) -> None:
    """Stop the server of a directory that nobody uses, if it runs."""
    if (directory / "data" / "postmaster.pid").exists():
        Postmaster(Place(directory.resolve(), None), Path(), {}).stop()
