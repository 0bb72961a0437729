"""The only names that a file store knows: `<id of a vision>/<sha256 of the content>`."""

from __future__ import annotations

import re

_FOLDER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[0-9a-f]{64}")


def check_folder(folder: str) -> None:
    """Raises ValueError unless `folder` is a UUID as PostgreSQL writes it."""
    if not is_folder(folder):
        raise ValueError("the folder of a file is a UUID in small letters")


def is_folder(folder: str) -> bool:
    return _FOLDER.fullmatch(folder) is not None


def is_path(path: str) -> bool:
    folder, slash, name = path.partition("/")
    return bool(slash) and is_folder(folder) and _NAME.fullmatch(name) is not None
