"""Where the server's socket stands: beside the data, or in a private temporary folder.

The path of a unix socket has a limit of about 104 bytes (macOS; 108 on Linux).
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from core.database.os_user import Account
from core.errors import Misconfigured

PORT = 5432
_LONGEST = 103


def socket_folder(directory: Path, account: Account | None) -> Path:
    """A folder that only the server's user can enter and whose socket path is short enough."""
    if _fits(directory):
        return directory
    uid = account.uid if account else os.geteuid()
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    roots = [root for root in (Path(tempfile.gettempdir()), Path("/tmp")) if root.is_dir()]  # noqa: S108
    for root in roots:
        for number in range(4):
            folder = root / f"vision-path-{uid}-{name}-{number}"
            if _fits(folder) and _private(folder, uid, account):
                return folder
    raise Misconfigured(f"{directory} is too long a path for a socket: choose a shorter DATA_DIR")


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock")) <= _LONGEST


def _private(folder: Path, uid: int, account: Account | None) -> bool:
    """Make it, or check what stands there: anybody may have put it into a shared folder."""
    try:
        folder.mkdir(mode=0o700)
        if account is not None:
            os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & 0o077
