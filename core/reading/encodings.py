"""Which encoding a text is in: marks first, then UTF-8, then the statistics of Russian letters."""

from __future__ import annotations

import codecs
import math
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CYRILLIC = ("cp1251", "koi8-u", "cp866")
_LATIN = "cp1252"
_SAMPLE = 16_384

# Letters of Russian by thousandths of a text; those of Ukrainian and Belarusian beside them.
_FREQUENCY = {
    "о": 110, "е": 85, "а": 80, "и": 74, "н": 67, "т": 63, "с": 55, "р": 47, "в": 45, "л": 44,
    "к": 35, "м": 32, "д": 30, "п": 28, "у": 26, "я": 20, "ы": 19, "ь": 17, "г": 17, "з": 17,
    "б": 16, "ч": 14, "й": 12, "х": 10, "ж": 9, "ш": 7, "ю": 6, "ц": 5, "щ": 4, "э": 3, "ф": 3,
    "ъ": 1, "ё": 1, "і": 5, "ї": 1, "є": 1, "ґ": 0.2, "ў": 1,
}  # fmt: skip
_LIKELIHOOD = {letter: math.log(weight / 1000) for letter, weight in _FREQUENCY.items()}
_PAIRS = frozenset({
    "ст", "но", "то", "на", "ен", "ов", "ни", "ра", "во", "ко", "го", "ер", "ос", "пр", "по", "ре",
    "ка", "не", "ро", "та", "от", "ет", "ть", "ал", "ол", "ом", "ле", "ли", "ла", "ит", "ан", "те",
    "ло", "ор", "ес", "де", "да", "ри", "ел", "за", "ва", "ны", "ог", "че", "эт", "мо", "об", "ск",
    "чт",
})  # fmt: skip
"""Letters that often stand side by side."""
_TYPOGRAPHY = frozenset("«»—–„“”‘’…№•\u00a0§°±©®")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH = re.compile(rb"[A-Za-z]*[\x80-\xff]+[A-Za-z]*")


def decode(data: bytes, *, cut: bool = False) -> str | None:
    """The text of `data`; None if it is none. `cut` says that the end may be inside a letter."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_tolerant(data[len(mark) :], encoding))
    if wide := _wide(data[:_SAMPLE]):
        return _checked(_tolerant(data, wide))
    if (text := _utf8(data, cut)) is not None:
        return _checked(text)
    if b"\0" in data:
        return None
    return _checked(data.decode(eight_bit(data[:_SAMPLE]), errors="replace"))


def eight_bit(sample: bytes) -> str:
    """The likeliest encoding of a text that is not UTF-8."""
    runs = _HIGH.findall(sample)
    # A Cyrillic word has nothing but letters above ASCII; a Western one has few of them.
    western = sum(
        len(run) for run in runs if len(run) == 1 or run[:1] < b"\x80" or run[-1:] < b"\x80"
    )
    if 2 * western > sum(map(len, runs)):
        return _LATIN
    return max(_CYRILLIC, key=lambda encoding: _russian(sample.decode(encoding, errors="replace")))


def _russian(text: str) -> float:
    score, before = 0.0, " "
    for letter in text:
        if letter > "\x7f" and letter not in _TYPOGRAPHY:
            small = letter.lower()
            score += _LIKELIHOOD.get(small, -12.0)
            score += 1.5 if before.lower() + small in _PAIRS else 0.0
            if letter != small:
                score -= 3.0 if before.islower() else 0.3
        before = letter
    return score


def _utf8(data: bytes, cut: bool) -> str | None:
    """Strict but for a few damaged places, as in a log that was cut and glued."""
    decoder = codecs.getincrementaldecoder("utf-8")
    try:
        return decoder().decode(data, not cut)
    except UnicodeDecodeError:
        pass
    text = decoder("replace").decode(data, not cut)
    damaged = text.count("\ufffd")
    letters = sum(len(run) for run in re.findall("[\x80-\U0010ffff]+", text))
    return text if damaged * 10 <= letters else None


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte is the high half of Latin, Cyrillic or a dash."""
    pairs = len(sample) // 2
    if pairs < 2 or (b"\0" not in sample and b"\x04" not in sample):
        return None
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = sample[first : 2 * pairs : 2], sample[1 - first : 2 * pairs : 2]
        likely = sum(high.count(value) for value in (0x00, 0x04, 0x20))
        if likely >= 0.95 * pairs and low.count(0) + low.count(4) <= 0.02 * pairs:
            return encoding
    return None


def _tolerant(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace")


def _checked(text: str) -> str | None:
    """None if so much of it is noise that it can't be a text."""
    noise = len(_CONTROL.findall(text)) + text.count("\ufffd")
    return text if noise <= max(len(text), 8) * 0.02 else None
