"""The smaller copies of a photo that Telegram makes for its clients."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

SIDES = (90, 320, 800, 1280)
QUALITY = 80


@dataclass(frozen=True, slots=True)
class Copy:
    path: Path
    width: int
    height: int


def smaller_copies(source: Path, folder: Path) -> list[Copy]:
    """JPEGs, the smallest first; none of a picture that is small or can't be decoded."""
    from PIL import Image, UnidentifiedImageError

    copies: list[Copy] = []
    try:
        with Image.open(source) as opened:
            sides = [side for side in SIDES if side < max(opened.size)]
            if not sides:
                return []
            opened.draft("RGB", (sides[-1], sides[-1]))
            picture: Any = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return []
    for side in reversed(sides):
        picture.thumbnail((side, side), reducing_gap=2.0)
        path = folder / uuid4().hex
        picture.save(path, "JPEG", quality=QUALITY)
        copies.insert(0, Copy(path, picture.width, picture.height))
    return copies
