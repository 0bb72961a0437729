"""Small recordings and pictures, each different from every other."""

from __future__ import annotations

import io


def voice_note(number: int, seconds: float = 0.4) -> bytes:
    """OGG/Opus, a tone of its own."""
    import numpy as np
    import soundfile

    time = np.arange(int(48_000 * seconds)) / 48_000
    tone = 0.3 * np.sin(2 * np.pi * (200 + number) * time)
    file = io.BytesIO()
    soundfile.write(file, tone, 48_000, format="OGG", subtype="OPUS")
    return file.getvalue()


def photo(number: int) -> bytes:
    """JPEG of one colour and a size of its own: near colours may look the same once encoded."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (320 + number, 200), "teal").save(file, "JPEG")
    return file.getvalue()
