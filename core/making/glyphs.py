"""Which characters our own fonts can show, and what becomes of the others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

_JOINERS = re.compile("[\ufe00-\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_LIKE = str.maketrans("✅❌⭐🌟➡⬅⬆⬇🔴🟢🔵🟡⚪", "✔✘★★→←↑↓●●●●○")


def font_folder() -> Path:
    """DejaVu and others, that come with matplotlib."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise FileNotFoundError("matplotlib")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@cache
def our_characters() -> frozenset[int]:
    """Code points of DejaVu Sans: Latin, Cyrillic, Greek, Arabic, Hebrew, signs, some faces."""
    return characters_of(font_folder() / "DejaVuSans.ttf")


def characters_of(path: Path, number: int = 0) -> frozenset[int]:
    with TTFont(path, lazy=True, fontNumber=number) as font:
        return frozenset(font.getBestCmap() or ())


def lacking(text: str, known: Collection[int]) -> set[str]:
    """Characters that would be visible and are not among the code points `known`."""
    return {
        char
        for char in set(text)
        if ord(char) not in known
        and unicodedata.category(char) not in _INVISIBLE
        and not _JOINERS.match(char)
    }


def has_letters(chars: Collection[str]) -> bool:
    """Words would be lost with them, not only ornaments."""
    return any(unicodedata.category(char)[0] in "LN" for char in chars)


def fitted(text: str, known: Collection[int], *, joined: bool = False) -> str:
    """Emoji become a similar sign where there is one, and go where there is none. `joined` keeps
    what makes one emoji of several characters."""
    if text.isascii():
        return text
    if not joined:
        text = _JOINERS.sub("", text).translate(_LIKE)
    gone = {
        char
        for char in set(text)
        if ord(char) not in known and char != "\n" and not (joined and _JOINERS.match(char))
    }
    if not gone:
        return text
    pattern = re.compile(f"( ?)[{re.escape(''.join(sorted(gone)))}]+( ?)")
    return pattern.sub(lambda found: " " if found[1] and found[2] else "", text)
