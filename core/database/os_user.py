"""Who PostgreSQL runs as and where its files stand. PostgreSQL itself refuses to run as root."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.errors import Misconfigured

log = logging.getLogger(__name__)

SHELTER = Path("/var/lib/vision-path")
_DEDICATED = "visionpath"


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user of the operating system."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Place:
    """A private folder (0700) for one server. `account` is None when the server runs as we do."""

    directory: Path
    account: Account | None


def settle(directory: Path, shelter: Path = SHELTER) -> Place:
    """Find or make the private folder that `directory` stands for.

    Only folders made here are ever chowned or chmodded. As root, when the unprivileged user can't
    reach `directory`, the files go to a folder with a random name under `shelter` and `directory`
    becomes a link to it, so that another DATA_DIR never meets this database.
    """
    try:
        return _settle_as_root(directory, shelter) if os.geteuid() == 0 else _settle(directory)
    except OSError as error:
        raise Misconfigured(
            f"no place for the database: {error.filename or directory}: {error.strerror}"
        ) from error


def reaches(account: Account, folder: Path) -> bool:
    """True if every folder on the way and `folder` itself let this user through (mode bits)."""
    folder = folder.resolve()
    return all(_passes(account, os.stat(step)) for step in (folder, *folder.parents))


def make_parents(directory: Path) -> None:
    """Make the folders above `directory` that don't exist yet.

    As root they let others pass but not look: the server's user has to get through. Raises
    Misconfigured.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        missing = [step for step in directory.parents if not step.exists()]
        for step in reversed(missing):
            step.mkdir(exist_ok=True)
            step.chmod(mode)
    except OSError as error:
        raise Misconfigured(
            f"{directory.parent} can't be reached or made: {error.strerror}"
        ) from error


def _settle(directory: Path) -> Place:
    directory.mkdir(mode=0o700, exist_ok=True)
    real = directory.resolve()
    if real.stat().st_uid != os.geteuid():
        raise Misconfigured(
            f"{real} belongs to another user: start as that user or change DATA_DIR"
        )
    real.chmod(0o700)
    return Place(real, None)


def _settle_as_root(directory: Path, shelter: Path) -> Place:
    if directory.is_symlink():
        return _follow(directory)
    owner = directory.stat().st_uid if directory.exists() else 0
    account = _by_uid(owner) if owner else _unprivileged()
    if reaches(account, directory.parent):
        directory.mkdir(mode=0o700, exist_ok=True)
        _give(directory, account)
        log.info("PostgreSQL runs as %s in %s", account.name, directory)
        return Place(directory.resolve(), account)
    if owner or (directory.exists() and any(directory.iterdir())):
        raise Misconfigured(
            f"user {account.name} can't reach {directory}: move DATA_DIR or set DATABASE_URL"
        )
    return _take_shelter(directory, shelter, account)


def _take_shelter(directory: Path, shelter: Path, account: Account) -> Place:
    try:
        open_shelter(shelter)
        real = shelter / secrets.token_hex(8)
        real.mkdir(mode=0o700)
    except OSError as error:
        raise Misconfigured(
            f"user {account.name} can't reach {directory} and {shelter} can't be used"
            f" ({error.strerror}): move DATA_DIR or set DATABASE_URL"
        ) from error
    _give(real, account)
    if directory.exists():
        directory.rmdir()
    directory.symlink_to(real)
    log.warning("user %s can't reach %s: the database stands in %s", account.name, directory, real)
    return Place(real, account)


def _follow(link: Path) -> Place:
    real = link.resolve()
    if not real.is_dir():
        # Never begin anew by ourselves: the operator may have the old files on another volume.
        raise Misconfigured(
            f"{link} points to {real}, which is gone: bring it back or remove {link}"
        )
    owner = real.stat().st_uid
    if link.lstat().st_uid != 0 or owner == 0:
        raise Misconfigured(
            f"{link} is a link that was not made here: remove it or change DATA_DIR"
        )
    account = _by_uid(owner)
    if not reaches(account, real):
        raise Misconfigured(f"user {account.name} can't reach {real}: change DATA_DIR")
    log.info("PostgreSQL runs as %s in %s", account.name, real)
    return Place(real, account)


def open_shelter(shelter: Path) -> None:
    """Make `shelter` (root, 0711) or check that nobody else may write there."""
    shelter.mkdir(mode=0o711, parents=True, exist_ok=True)
    found = shelter.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise Misconfigured(f"{shelter} is open to other users: it has to be root's own folder")


def _give(folder: Path, account: Account) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchown(opened, account.uid, account.gid)
        os.fchmod(opened, 0o700)
    finally:
        os.close(opened)


def _passes(account: Account, folder: os.stat_result) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def _unprivileged() -> Account:
    return (
        _by_name(_DEDICATED)
        or _created()
        or _by_name("postgres")
        or _by_name("nobody")
        or _missing()
    )


def _missing() -> Account:
    raise Misconfigured(
        "PostgreSQL can't run as root and there is no other user: start as one or set DATABASE_URL"
    )


def _created() -> Account | None:
    command = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if command is None:
        return None
    options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    try:
        done = subprocess.run(
            [command, *options, _DEDICATED], capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.info("useradd failed: %s", error)
    else:
        if done.returncode == 0:
            log.info("created the system user %s", _DEDICATED)
    return _by_name(_DEDICATED)


def _by_name(name: str) -> Account | None:
    import pwd  # absent on Windows

    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, found.pw_uid, found.pw_gid) if found.pw_uid else None


def _by_uid(uid: int) -> Account:
    import pwd  # absent on Windows

    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        raise Misconfigured(
            f"the database's folder belongs to user {uid}, whom this system does not know"
        ) from None
    return Account(found.pw_name, uid, found.pw_gid)
