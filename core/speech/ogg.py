"""Reading OGG pages: is it Opus, is it whole, how long is it (RFC 3533, RFC 7845)."""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass

_HEADER = struct.Struct("<4sBBqIIIB")
_BEGINNING = 0x02
# Opus counts 48,000 samples a second, whatever went in.
_GRANULES_PER_SECOND = 48_000


@dataclass(frozen=True, slots=True)
class _Page:
    begins: bool
    granule: int
    payload: bytes
    end: int


def is_opus(data: bytes) -> bool:
    """Whether an OGG stream with Opus inside begins here; Vorbis has the same first bytes."""
    first = next(_pages(data), None)
    return first is not None and first.begins and first.payload.startswith(b"OpusHead")


def opus_seconds(data: bytes) -> float | None:
    """The length of an OGG/Opus sound, or of several that follow one another. None where the
    bytes don't end with a page, that is where the sound was cut, and where there is no sound."""
    total = granule = skipped = end = 0
    for page in _pages(data):
        end = page.end
        if page.begins:
            total += max(0, granule - skipped)
            granule, skipped = 0, int.from_bytes(page.payload[10:12], "little")
        else:
            # -1 on a page that no packet ends on.
            granule = max(granule, page.granule)
    total += max(0, granule - skipped)
    return total / _GRANULES_PER_SECOND if total and end == len(data) else None


def _pages(data: bytes) -> Generator[_Page, None, None]:
    at = 0
    while at + _HEADER.size <= len(data):
        mark, _, flags, granule, _, _, _, segments = _HEADER.unpack_from(data, at)
        start = at + _HEADER.size + segments
        end = start + sum(data[at + _HEADER.size : start])
        if mark != b"OggS" or end > len(data):
            return
        yield _Page(bool(flags & _BEGINNING), granule, data[start:end], end)
        at = end
