"""The text of a document while it grows: clean at any moment, and never longer than allowed."""

from __future__ import annotations

import math
import re
from time import monotonic

from core.reading import TEXT_CHARACTERS

_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# What no database or model takes, or takes badly: control characters, lone surrogates,
# noncharacters, and the mark of byte order in the middle of a text.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_GAP = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}\n")


class Full(Exception):
    """The limit of length or time is reached: whoever reads may stop."""


class Extract:
    """`parts` and `whole` are those of `Document`; readers set them where they know."""

    def __init__(self, seconds: float = math.inf, limit: int = TEXT_CHARACTERS) -> None:
        self.parts: int | None = None
        self.whole = True
        self._until = monotonic() + seconds
        self._pieces: list[str] = []
        self._left = limit

    def add(self, piece: str) -> None:
        """Takes what fits of it. Raises `Full` if something had to be left out, or nothing more
        should be read."""
        # Cut before cleaning, so that a huge piece costs no more than its allowed beginning; one
        # more than is left tells a text that just fits from one that does not.
        kept = clean(piece[: 2 * self._left + 64])
        fits = len(kept) <= self._left and len(piece) <= 2 * self._left + 64
        kept = kept[: self._left]
        self._pieces.append(kept)
        self._left -= len(kept)
        if not fits or monotonic() > self._until:
            self.whole = False
            raise Full

    def paragraph(self, text: str) -> None:
        """A line of its own with an empty line after it; nothing for an empty text."""
        if text := text.strip():
            self.add(f"{text}\n\n")

    @property
    def empty(self) -> bool:
        return not any(piece.strip() for piece in self._pieces)

    def text(self) -> str:
        return _GAP.sub("\n\n\n", "".join(self._pieces)).strip("\n ")


def clean(text: str) -> str:
    text = _ANSI.sub("", text) if "\x1b" in text else text
    return _UNFIT.sub("", _LINE_ENDS.sub("\n", text))
