"""Fresh data take the place of the present ones, whole, whatever is killed on the way.

Imports the standard library only: the start of the embedded server looks here first.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.durability import sync_folder
from core.errors import Misconfigured

_KEPT = re.compile(r"before-\d{8}T\d{6}Z(-\d+)?")
_NAME = re.compile(r"\w+")


def fresh(place: Path) -> Path:
    """Where that which is to take the place of `place` is made."""
    return place.with_name(f"{place.name}.new")


def swap(directory: Path, others: Sequence[Path] = ()) -> list[Path]:
    """Put `fresh(…)` of `directory` and of `others` beside it in their places.

    Returns what the present ones are called now: `<name>.before-<time>`. The caller has everything
    in `fresh` on disk and uses the directory alone. From the moment the journal stands, the new
    data hold: what a kill interrupts, `finish_swap` ends. Raises Misconfigured.
    """
    places = [directory, *others]
    kept = _free_name(places)
    journal = _journal(directory)
    part = journal.with_name(f"{journal.name}.part")
    try:
        with part.open("w") as opened:
            json.dump({"kept": kept, "names": [place.name for place in places]}, opened)
            opened.flush()
            os.fsync(opened.fileno())
        part.rename(journal)
        sync_folder(directory.parent)
    except OSError as error:
        raise Misconfigured(f"{journal} can't be written: {error.strerror}") from error
    finish_swap(directory)
    names = [place.with_name(f"{place.name}.{kept}") for place in places]
    return [name for name in names if os.path.lexists(name)]


def finish_swap(directory: Path) -> None:
    """Go on with an interrupted `swap`, if there is one. For whoever uses the directory alone."""
    journal = _journal(directory)
    try:
        told = json.loads(journal.read_bytes())
        kept, names = str(told["kept"]), [str(name) for name in told["names"]]
    except FileNotFoundError:
        return
    except (OSError, ValueError, LookupError, TypeError):
        kept, names = "", []
    if not _KEPT.fullmatch(kept) or not all(map(_NAME.fullmatch, names)):
        raise Misconfigured(f"{journal} can't be read: see docs/backup.md")
    try:
        for name in names:
            _exchange(directory.with_name(name), kept)
        sync_folder(directory.parent)
        journal.unlink()
    except OSError as error:
        raise Misconfigured(
            f"{error.filename} can't be renamed to {error.filename2}: {error.strerror}"
        ) from error


def _exchange(place: Path, kept: str) -> None:
    new = fresh(place)
    if not os.path.lexists(new):
        return  # it is in its place already
    if os.path.lexists(place):
        os.rename(place, place.with_name(f"{place.name}.{kept}"))
    os.rename(new, place)


def _free_name(places: Sequence[Path]) -> str:
    moment = kept = f"before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    number = 1
    while any(os.path.lexists(place.with_name(f"{place.name}.{kept}")) for place in places):
        number += 1
        kept = f"{moment}-{number}"
    return kept


def _journal(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.swap")
