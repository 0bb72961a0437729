"""An answer that broke off, made fit to be read: no half words, no markup left open."""

from __future__ import annotations

import re

_PAIRS = ("```", "**", "__", "~~", "`")
_ENDS_INSIDE_A_WORD = re.compile(r"(?<=\s)[^\s]*[\w*_~`\[(]$")
_BARE_BULLET = re.compile(r"\n\s*(?:[-*•]|\d+[.)])$")
WORD_CHARACTERS = 30
"""A longer last "word" is kept: it is an address or a language without spaces."""


def tidied(text: str) -> str:
    """`text` without its last, perhaps half, word, every pair of marks closed or dropped."""
    text = text.rstrip()
    half = _ENDS_INSIDE_A_WORD.search(text)
    if half and len(half.group()) <= WORD_CHARACTERS and text[: half.start()].strip():
        text = text[: half.start()].rstrip()
    for mark in _PAIRS:
        if text.count(mark) % 2:
            opened = text.rfind(mark)
            inside = text[opened + len(mark) :].strip()
            # A fence closes on a line of its own; an empty pair is nothing to read.
            closing = f"\n{mark}" if mark == "```" else mark
            text = text + closing if inside else text[:opened].rstrip()
    return _BARE_BULLET.sub("", text)
