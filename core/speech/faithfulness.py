"""Did a voice model read a text aloud, or talk about it?"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_WORD = re.compile(r"[^\W\d_]+")
# In shorter texts a few numbers written out, "5" as "пять", change half of the words.
_ENOUGH_WORDS = 8
_LEAST_LIKENESS = 0.5


def reworded(text: str, transcript: str) -> bool:
    """True where the transcript of what was said has hardly the words of the text. Small changes
    pass: numbers and names are written differently by ear."""
    asked, said = _WORD.findall(text.casefold()), _WORD.findall(transcript.casefold())
    if len(asked) < _ENOUGH_WORDS or not said:
        return False
    return SequenceMatcher(None, asked, said, autojunk=False).ratio() < _LEAST_LIKENESS
