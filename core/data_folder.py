"""The folder of everything that is kept on this machine: for us alone."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from core.database.os_user import make_parents
from core.errors import Misconfigured

log = logging.getLogger(__name__)

_OURS = {"postgres", "files", "playground"}
_OF_THE_FILE_SYSTEM = {"lost+found"}


def prepare_data_folder(folder: Path) -> None:
    """Make `folder`, or close the one that stands there to other users of this machine.

    0700; as root 0711, since the embedded database's own user has to pass through to a folder that
    is 0700 again. Only a folder of our own is closed: an empty one, or one that we have used. One
    that belongs to somebody else stays as it is; what we make in it is 0700. Raises `Misconfigured`
    where closing would hurt others, or leaving it open would hurt us.
    """
    make_parents(folder / "any")
    try:
        found = folder.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise Misconfigured(f"DATA_DIR {folder} is not a folder")
        if found.st_uid != os.geteuid():
            if found.st_mode & stat.S_IWOTH:
                raise Misconfigured(f"DATA_DIR {folder} may be changed by anybody: use another one")
            return
        passing = 0o011 if os.geteuid() == 0 else 0
        open_to_others = stat.S_IMODE(found.st_mode) & 0o077 & ~passing
        if not open_to_others:
            return
        if not _is_ours(folder):
            raise Misconfigured(
                f"DATA_DIR {folder} is open to other users and has other things in it: "
                "use a folder of its own"
            )
        folder.chmod(stat.S_IMODE(found.st_mode) & ~open_to_others)
    except OSError as error:
        raise Misconfigured(f"DATA_DIR can't be used: {error.strerror}") from None
    log.warning("DATA_DIR %s was open to other users; now it is closed", folder)


def _is_ours(folder: Path) -> bool:
    inside = {entry.name for entry in folder.iterdir()} - _OF_THE_FILE_SYSTEM
    return not inside or bool(inside & _OURS)
