"""A soft tone in the formats of a speech server: what the scripted model says aloud."""

from __future__ import annotations

import asyncio
import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

RATE = 24_000
CHARACTERS_PER_SECOND = 15
LONGEST = 20.0
SHORTEST = 0.5
HERTZ = (196.0, 294.0, 392.0)
LOUDNESS = 0.12

ENCODINGS: Mapping[str, tuple[str, str, str]] = {
    "opus": ("OGG", "OPUS", "audio/ogg"),
    "mp3": ("MP3", "MPEG_LAYER_III", "audio/mpeg"),
    "flac": ("FLAC", "PCM_16", "audio/flac"),
    "wav": ("WAV", "PCM_16", "audio/wav"),
    "pcm": ("RAW", "PCM_16", "audio/pcm"),
}
"""Container, codec and MIME type by the names of `response_format`."""


def seconds_for(text: str, speed: float = 1.0) -> float:
    """In half seconds, so that a few lengths serve all texts."""
    spoken = len(text) / CHARACTERS_PER_SECOND / speed
    return min(LONGEST, max(SHORTEST, round(spoken * 2) / 2))


async def tone(seconds: float, response_format: str) -> bytes:
    """PCM is 24 kHz, mono, 16 bits, little-endian. Made in a thread, once for each length."""
    return await asyncio.to_thread(_made, seconds, response_format)


@lru_cache(maxsize=64)
def _made(seconds: float, response_format: str) -> bytes:
    import soundfile

    container, codec, _ = ENCODINGS[response_format]
    sound: Any = soundfile
    file = io.BytesIO()
    endian = "LITTLE" if container == "RAW" else None
    sound.write(file, _wave(seconds), RATE, format=container, subtype=codec, endian=endian)
    return file.getvalue()


def _wave(seconds: float) -> Any:
    import numpy as np

    count = int(seconds * RATE)
    at = np.arange(count) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * at) for hertz in HERTZ) / len(HERTZ)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 1.5 * at)
    ends = np.clip(np.minimum(at, seconds - at) / 0.15, 0.0, 1.0)
    return (LOUDNESS * chord * swell * ends).astype("float32")
