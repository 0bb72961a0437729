"""What a sound file says of itself, read from its two ends while the rest flows by."""

from __future__ import annotations

import hashlib

END = 66_000
"""A page of Ogg has at most 65,307 bytes, so the last one begins within this."""
OPUS_RATE = 48_000
GUESSED_BYTES_PER_SECOND = 16_000
OPUS_HEADERS = 800
SILENT_BYTES_PER_SECOND = 600
"""Opus spends about 250 bytes on a second of digital silence, five times as much on a whisper."""

_STARTS = {b"OggS": "ogg", b"fLaC": "flac", b"RIFF": "wav", b"ID3": "mp3", b"\x1aE\xdf\xa3": "webm"}


class SoundProbe:
    """Feed it the file in pieces; it holds about 130 kB of it and its hash."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._head = b""
        self._tail = bytearray()

    def feed(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._hash.update(chunk)
        if len(self._head) < END:
            self._head += chunk[: END - len(self._head)]
        self._tail += chunk
        if len(self._tail) > 4 * END:
            del self._tail[:-END]

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def container(self) -> str | None:
        """None for what no server could decode."""
        head = self._head
        if head[4:8] == b"ftyp":
            return "mp4"
        if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
            return "mp3"
        found = next((name for start, name in _STARTS.items() if head.startswith(start)), None)
        if found == "wav" and head[8:12] != b"WAVE":
            return None
        if found == "ogg" and self._ogg_seconds() is None:
            return None
        return found

    @property
    def is_opus(self) -> bool:
        return self._head.startswith(b"OggS") and b"OpusHead" in self._head[:200]

    @property
    def seconds(self) -> float:
        """Exact for Ogg, FLAC and WAV, a guess by the size for the rest."""
        exact = {
            "ogg": self._ogg_seconds,
            "flac": self._flac_seconds,
            "wav": self._wav_seconds,
        }.get(self.container or "")
        known = exact() if exact else None
        return self.size / GUESSED_BYTES_PER_SECOND if known is None else known

    @property
    def silent(self) -> bool:
        """Told for Opus alone, by how little it needed."""
        seconds = self.seconds
        return self.is_opus and self.size < OPUS_HEADERS + seconds * SILENT_BYTES_PER_SECOND

    def _ogg_seconds(self) -> float | None:
        page = bytes(self._tail[-END:])
        at = page.rfind(b"OggS")
        if at < 0 or at + 14 > len(page):
            return None
        position = int.from_bytes(page[at + 6 : at + 14], "little", signed=True)
        if position < 0:
            return None
        opus = self._head.find(b"OpusHead", 0, 200)
        if opus >= 0:
            skipped = int.from_bytes(self._head[opus + 10 : opus + 12], "little")
            return max(0, position - skipped) / OPUS_RATE
        vorbis = self._head.find(b"\x01vorbis", 0, 200)
        if vorbis < 0:
            return None
        rate = int.from_bytes(self._head[vorbis + 12 : vorbis + 16], "little")
        return position / rate if rate else None

    def _flac_seconds(self) -> float | None:
        described = int.from_bytes(self._head[18:26], "big")
        rate, samples = described >> 44, described & (1 << 36) - 1
        return samples / rate if rate else None

    def _wav_seconds(self) -> float | None:
        form = self._head.find(b"fmt ")
        data = self._head.find(b"data")
        if form < 0 or data < 0:
            return None
        per_second = int.from_bytes(self._head[form + 16 : form + 20], "little")
        return (self.size - data - 8) / per_second if per_second else None
