"""Small recordings and pictures, each different from every other."""

from __future__ import annotations

import io
import shutil
import subprocess


def voice_note(number: int, seconds: float = 0.4) -> bytes:
    """OGG/Opus, a tone of its own."""
    import numpy as np
    import soundfile

    time = np.arange(int(48_000 * seconds)) / 48_000
    tone = 0.3 * np.sin(2 * np.pi * (200 + number) * time)
    file = io.BytesIO()
    soundfile.write(file, tone, 48_000, format="OGG", subtype="OPUS")
    return file.getvalue()


def speech(words: str) -> bytes:
    """OGG/Opus of these words, by espeak-ng where it is installed; else a tone."""
    import soundfile

    if not shutil.which("espeak-ng"):
        return voice_note(0, 2)
    wav = subprocess.run(
        ["espeak-ng", "-v", "ru", "--stdout", words], check=True, capture_output=True, timeout=30
    ).stdout
    sound, rate = soundfile.read(io.BytesIO(wav))
    file = io.BytesIO()
    # Opus knows 24 and 48 kHz, espeak-ng speaks at 22.05: a little higher is still speech.
    soundfile.write(file, sound, 24_000 if rate == 22_050 else rate, format="OGG", subtype="OPUS")
    return file.getvalue()


def photo(number: int) -> bytes:
    """JPEG of one colour and a size of its own: near colours may look the same once encoded."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (320 + number, 200), "teal").save(file, "JPEG")
    return file.getvalue()
