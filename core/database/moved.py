"""The mark on data that have been moved elsewhere, so that nobody works on them by mistake.

Imports the standard library only: the start of the embedded server looks here.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from core.durability import sync_folder
from core.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Mark:
    """`transaction` is the number that the target gave to the one that brings the rows; whether it
    came to its end is known once `done` is set. `at` is UTC, for people."""

    target: str
    at: str
    transaction: str
    done: bool


def read_mark(directory: Path) -> Mark | None:
    """The mark of `DATA_DIR/postgres`. Raises Misconfigured for a damaged one."""
    path = _path(directory)
    try:
        told = json.loads(path.read_bytes())
        return Mark(
            str(told["target"]), str(told["at"]), str(told["transaction"]), told["done"] is True
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise Misconfigured(f"{path} can't be read") from error


def write_mark(directory: Path, mark: Mark) -> None:
    path = _path(directory)
    part = path.with_name("moved.part")
    with part.open("w") as opened:
        json.dump(asdict(mark), opened)
        opened.flush()
        os.fsync(opened.fileno())
    part.rename(path)
    sync_folder(path.parent)


def remove_mark(directory: Path) -> None:
    _path(directory).unlink(missing_ok=True)


def refuse_moved(directory: Path) -> None:
    """Raises Misconfigured if the data were moved: people would be answered in two places."""
    mark = read_mark(directory)
    if mark is None:
        return
    if not mark.done:
        raise Misconfigured(
            f"moving {directory} to {mark.target} was interrupted at its very end: run"
            f" `python -m bot move` again (or, to stay here, remove {_path(directory)})"
        )
    raise Misconfigured(
        f"{directory} was moved to {mark.target} on {mark.at} UTC: set DATABASE_URL"
        f" (to use this old copy after all, remove {_path(directory)})"
    )


def _path(directory: Path) -> Path:
    return directory / "moved"
