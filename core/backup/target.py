"""The file that a backup is written to: whole under its own name, or not there."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.durability import sync_folder
from core.errors import Misconfigured, Unavailable

_ENDINGS = {signal.SIGINT, signal.SIGTERM}
_SPARE = 64 * 1024 * 1024


@contextmanager
def new_file(target: Path, *, force: bool) -> Generator[BinaryIO]:
    """A file for us alone that takes the name `target` when the body has ended well.

    Until then it is `<target>.part`; the body's failure removes it, and one that a killed process
    has left is written over. Raises Misconfigured, and Unavailable for a full disk.
    """
    _refuse_existing(target, force)
    part = target.with_name(f"{target.name}.part")
    # Until the file is known to be ours, nobody would remove it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    try:
        opened = _own(part)
    except BaseException as error:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if isinstance(error, OSError):
            raise Misconfigured(f"{part} can't be written: {error.strerror}") from error
        raise
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        with os.fdopen(opened, "wb", buffering=1024 * 1024) as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
            _refuse_existing(target, force)
            part.rename(target)
        sync_folder(target.absolute().parent)
    except OSError as error:
        _drop(part)
        raise Unavailable(f"{target} can't be written: {error.strerror}") from error
    except BaseException:
        _drop(part)
        raise


def need_space(folder: Path, size: int) -> None:
    """Raises Misconfigured unless `size` bytes and some more fit into `folder`."""
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise Misconfigured(
            f"{folder} has {free // 1_000_000} MB free, but"
            f" {(size + _SPARE) // 1_000_000} MB may be needed"
        )


def _own(part: Path) -> int:
    # Without O_NONBLOCK, a named pipe would be waited for.
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    opened = os.open(part, flags, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise Misconfigured(f"{part} is in the way and is no plain file: name another file")
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(opened), os.stat(part)):
            raise BlockingIOError
        os.fchmod(opened, 0o600)
        os.ftruncate(opened, 0)
    except (BlockingIOError, FileNotFoundError):
        os.close(opened)
        raise Misconfigured(f"another backup is being written to {part}") from None
    except BaseException:
        os.close(opened)
        raise
    return opened


def _refuse_existing(target: Path, force: bool) -> None:
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise Misconfigured(f"{target} can't be written: {error.strerror}") from error
    if stat.S_ISDIR(mode):
        raise Misconfigured(f"{target} is a folder: name a file")
    if not stat.S_ISREG(mode):
        # It would be replaced by a file, and as root that may be a device.
        raise Misconfigured(f"{target} is a {_kind(mode)}: name a plain file, or - for a pipe")
    if not force:
        raise Misconfigured(f"{target} is there already: name another file, or say --force")


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISFIFO(mode):
        return "named pipe"
    return "socket" if stat.S_ISSOCK(mode) else "device"


def _drop(part: Path) -> None:
    with suppress(OSError):
        part.unlink(missing_ok=True)
