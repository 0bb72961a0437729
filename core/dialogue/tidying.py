"""An answer that broke off, made fit to be read: no half words, no markup left open."""

from __future__ import annotations

import re

_MARK = re.compile(r"```|\*\*|__|~~|`")
_CODE = ("```", "`")
_LAST_WORD = re.compile(r"(?<=\s)[^\s]*[\w*_~`\[(]$")
_BARE_BULLET = re.compile(r"\n\s*(?:[-*•]|\d+[.)])$")
WORD_CHARACTERS = 30
"""A longer last "word" is kept: it is an address or a language without spaces."""


def tidied(text: str) -> str:
    """`text` without its last, perhaps half, word; marks left open are closed or dropped."""
    broken_inside = not text[-1:].isspace()
    text = text.rstrip()
    half = _LAST_WORD.search(text) if broken_inside else None
    if half and len(half.group()) <= WORD_CHARACTERS and text[: half.start()].strip():
        text = text[: half.start()].rstrip()
    for mark, opened in reversed(open_marks(text)):
        if text[opened + len(mark) :].strip():
            # A fence closes on a line of its own.
            text += f"\n{mark}" if mark == "```" else mark
        else:
            text = text[:opened].rstrip()
    return _BARE_BULLET.sub("", text)


def open_marks(text: str) -> list[tuple[str, int]]:
    """Marks without their partner and where they stand; inside code nothing else counts."""
    waiting: list[tuple[str, int]] = []
    for found in _MARK.finditer(text):
        mark = found.group()
        inside = waiting[-1][0] if waiting else ""
        if inside in _CODE and mark != inside:
            continue
        if any(mark == each for each, _ in waiting):
            waiting = [each for each in waiting if each[0] != mark]
        else:
            waiting.append((mark, found.start()))
    return waiting
