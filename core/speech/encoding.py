"""Any sound a speech server may send, as OGG/Opus. Everything here takes processor time: call it
in a thread."""

from __future__ import annotations

import math
from io import BytesIO
from typing import TYPE_CHECKING, Any

from core.llm.failures import CallFailed
from core.speech.ogg import is_opus, opus_seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

_OPUS_RATES = frozenset({8_000, 12_000, 16_000, 24_000, 48_000})
_VOICE_RATE = 24_000
# Five minutes at 48 kHz: twice what the longest text takes, and 115 MB as stereo floats.
_MOST_FRAMES = 300 * 48_000
_MOST_CHANNELS = 2
# What libsndfile may be given: it knows dozens of formats more, and hardly anybody tests those.
_DECODABLE = (b"RIFF", b"fLaC", b"OggS", b"ID3")
_TAPS = 32


def ogg_opus(sound: bytes, mime: str) -> tuple[bytes, float | None]:
    """The sound as OGG/Opus and its seconds. What is OGG/Opus already stays as it is.

    Headerless PCM is recognized by `mime` alone. Raises `CallFailed` for what is no sound.
    """
    if is_opus(sound):
        seconds = opus_seconds(sound)
        if seconds is None:
            raise CallFailed("cut", "sound_cut")
        return sound, seconds
    if sound.startswith(_DECODABLE) or _is_mp3(sound):
        return _encoded(*_decoded(sound))
    if "pcm" in mime or "audio/l16" in mime:
        return pcm_to_opus(sound, _VOICE_RATE)
    raise CallFailed("failed", "unplayable_sound", sound[:16].hex(" "), rejected="request")


def pcm_to_opus(pcm: bytes, rate: int) -> tuple[bytes, float | None]:
    """Signed 16-bit little-endian mono at one of Opus' own rates."""
    import numpy as np

    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float32)
    return _encoded(samples / np.float32(32_768), rate)


def _is_mp3(sound: bytes) -> bool:
    return len(sound) > 1 and sound[0] == 0xFF and sound[1] & 0xE0 == 0xE0


def _decoded(sound: bytes) -> tuple[Samples, int]:
    import numpy as np
    import soundfile

    library: Any = soundfile
    try:
        with library.SoundFile(BytesIO(sound)) as file:
            rate: int = file.samplerate
            if file.channels > _MOST_CHANNELS or file.frames > _MOST_FRAMES:
                raise CallFailed("failed", "answer_too_long")
            channels = file.read(_MOST_FRAMES, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, ValueError) as error:
        raise CallFailed("failed", "broken_sound", str(error)) from None
    # In a file of floats anything may stand, "not a number" too.
    return np.clip(np.nan_to_num(channels.mean(axis=1)), -1, 1), rate


def _encoded(samples: Samples, rate: int) -> tuple[bytes, float | None]:
    import soundfile

    if not samples.size:
        raise CallFailed("failed", "empty_answer")
    if rate not in _OPUS_RATES:
        samples, rate = _resampled(samples, rate, _VOICE_RATE), _VOICE_RATE
    out = BytesIO()
    library: Any = soundfile
    with library.SoundFile(out, "w", rate, 1, format="OGG", subtype="OPUS") as file:
        for start in range(0, len(samples), rate):
            file.write(samples[start : start + rate])
    ogg = out.getvalue()
    return ogg, opus_seconds(ogg)


def _resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """Through a windowed sinc, cut off below the lower of both Nyquist frequencies."""
    import numpy as np

    cutoff = 0.92 * min(1.0, wanted / rate)
    half = round(_TAPS / 2 / cutoff)
    offsets = np.arange(-half + 1, half + 1)
    common = math.gcd(rate, wanted)
    steps, phases = rate // common, wanted // common
    distance = offsets - (np.arange(phases) / phases)[:, None]
    window = 0.5 + 0.5 * np.cos(np.pi * distance / half)
    weights = (cutoff * np.sinc(cutoff * distance) * window).astype(np.float32)
    padded = np.pad(samples, half)
    length = len(samples) * phases // steps
    pieces: list[Samples] = []
    for start in range(0, length, wanted):  # a second at a time: what is gathered takes memory
        at = np.arange(start, min(start + wanted, length)) * steps
        around = padded[(at // phases)[:, None] + offsets + half]
        pieces.append(np.einsum("ij,ij->i", around, weights[at % phases]))
    return np.concatenate(pieces)
