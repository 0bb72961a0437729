"""Text as it is: notes, logs, source code, data."""

from __future__ import annotations

from pathlib import Path

from core.isolated import JobRefused
from core.reading import TEXT_CHARACTERS
from core.reading.encodings import decode
from core.reading.extract import Extract


def read(path: Path, extract: Extract) -> None:
    # Four bytes are the longest letter of any encoding, so this is enough to fill an extract.
    text, whole = load(path, TEXT_CHARACTERS * 4 + 4096)
    extract.add(text)
    extract.whole = whole


def load(path: Path, limit: int) -> tuple[str, bool]:
    """The beginning of a file as text, and whether that is all of it. Refuses what is no text."""
    with path.open("rb") as file:
        data = file.read(limit + 1)
    cut = len(data) > limit
    text = decode(data[:limit], cut=cut)
    if text is None:
        raise JobRefused("unsupported")
    return text, not cut
