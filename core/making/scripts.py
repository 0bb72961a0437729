"""What language a text is in, as far as hyphens and spelling need to know."""

from __future__ import annotations

import re

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)


def language_of(text: str, told: str) -> str:
    """`told`, unless the letters are mostly those of the other alphabet."""
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    if cyrillic == latin:
        return told
    return "ru" if cyrillic > latin else "en" if told == "ru" else told
