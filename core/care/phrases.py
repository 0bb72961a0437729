"""The list of phrases as it is searched for: words in order, whatever stands between the letters.

A short list can only be a floor. It errs towards care, but not so far that a figure of speech stops
a conversation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+|[.!?…]+")
_INVISIBLE = re.compile("[\u0300-\u0305\u0307-\u036f\u00ad\u200b-\u200f\u2060\ufeff'’‘ʼ`´]")
_LONG = re.compile(r"(\w)\1{2,}")
_LETTERS = re.compile(r"[^\W\d_]+")
_RUSSIAN, _LATIN = re.compile("[а-я]"), re.compile("[a-z]")
_ALIKE = str.maketrans("aceopxykmthbu", "асеорхукмтнви")
_QUOTED = re.compile(r"«[^»]{1,400}»|“[^”]{1,400}”|„[^“”]{1,400}[“”]|\"[^\"\n]{1,400}\"")
_QUOTED_SINGLY = re.compile(r"(?<!\w)['‘](?=\w)[^'’\n]{0,300}(?:\w['’]\w[^'’\n]{0,300})*['’](?!\w)")
_ENDS = frozenset({".", "!", "?", "!!", "??", "?!", "!?", "!!!", "???"})
_BREAK = "\n"
_NEAR = 6
"""Words between a quotation and whoever is said to have said it."""
_QUOTATIONS = 100
"""Each is looked at with what is around it; what stands in further ones counts as one's own."""

_GAP = r"(?:\w+ ){0,3}"
_PIECE = re.compile(r"\[[^\[\]]+\]|[^\s\[\]]+|[\[\]]")
_SELF = frozenset({"я", "i", "im"})


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's list, compiled."""

    meant: re.Pattern[str]
    harmless: re.Pattern[str]
    turning: re.Pattern[str]
    saying: frozenset[str]

    def found_in(self, text: str) -> bool:
        """Whether one of the phrases is there and stands for what it says."""
        for words in _readings(self._own(text)):
            plain = self.harmless.sub(f"{_BREAK} ", words)
            for found in self.meant.finditer(plain):
                if not self.turning.search(plain, 0, found.start()):
                    return True
        return False

    def _own(self, text: str) -> str:
        """Without what is quoted and said to be somebody else's."""
        text = text[:MOST_CHARACTERS]
        for quoted in (_QUOTED, _QUOTED_SINGLY):
            text = quoted.sub(self._kept, text, count=_QUOTATIONS)
        return text

    def _kept(self, quoted: re.Match[str]) -> str:
        text, start, end = quoted.string, quoted.start(), quoted.end()
        before = _words(text[max(0, start - 80) : start])[-_NEAR:]
        after = _words(text[end : end + 60])[:3]
        of_others = self.saying.intersection(before) or self.saying.intersection(after)
        if of_others and not _SELF.intersection(before[-5:]):
            return f" {_BREAK} "
        return quoted.group()


MOST_CHARACTERS = 20_000


def read_phrases(source: str) -> Phrases:
    """The compiled list; raises `ValueError` that names the line which can't be read."""
    named: dict[str, str] = {}
    lines: list[tuple[str, str]] = []
    for number, line in enumerate(map(str.strip, source.splitlines()), 1):
        if not line or line.startswith("#"):
            continue
        name, equals, listed = line.partition("=")
        if equals and name.startswith("$"):
            named[name.strip()] = _any(listed)
        elif line[0] in '!^"':
            lines.append((line[0], line[1:]))
        elif line[0].isalpha() or line[0] in "$[":
            lines.append(("", line))
        else:
            raise ValueError(f"line {number} can't be read")

    def united(kind: str) -> str:
        return "|".join(_pattern(line, named) for each, line in lines if each == kind)

    turning = "|".join(_any(line) for each, line in lines if each == "^")
    saying = [line for each, line in lines if each == '"']
    return Phrases(
        meant=re.compile(rf"(?<!\S)(?:{united('') or '(?!)'})"),
        harmless=re.compile(rf"(?<!\S)(?:{united('!') or '(?!)'})"),
        turning=re.compile(rf"(?<!\S)(?:{turning or '(?!)'})\Z"),
        saying=frozenset(word for line in saying for word in _words(line)),
    )


@cache
def phrases(language: str) -> Phrases:
    """The list that comes along: `ru` or `en`."""
    return read_phrases(
        files("core.care").joinpath(f"phrases.{language}.txt").read_text(encoding="utf-8")
    )


def _readings(text: str) -> Iterator[str]:
    """The words of the text, each with a space after it; drawn out letters are read two ways."""
    for twice in (r"\1\1", r"\1"):
        yield "".join(f"{word} " for word in _words(_LONG.sub(twice, text.casefold()), breaks=True))
        if not _LONG.search(text.casefold()):
            return


def _words(text: str, *, breaks: bool = False) -> list[str]:
    # Of all marks on letters that of й alone makes another letter of it.
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text.casefold()))
    text = unicodedata.normalize("NFC", text)
    text = _LETTERS.sub(_of_one_alphabet, text)
    found: list[str] = []
    for each in _WORD.findall(text):
        if each[0].isalnum():
            found.append(each)
        elif breaks and each in _ENDS:
            found.append(_BREAK)
    return found


def _of_one_alphabet(found: re.Match[str]) -> str:
    word = found.group()
    mixed = _RUSSIAN.search(word) and _LATIN.search(word)
    return word.translate(_ALIKE) if mixed else word


def _pattern(line: str, named: Mapping[str, str]) -> str:
    return "".join(_piece(piece, named) for piece in _PIECE.findall(line))


def _piece(piece: str, named: Mapping[str, str]) -> str:
    if piece == "...":
        return _GAP
    if piece in "[]":
        raise ValueError("a bracket has no other one")
    optional = piece[0] == "["
    chosen: list[str] = []
    for each in (piece[1:-1] if optional else piece).split("/"):
        if not each.startswith("$"):
            chosen.append("".join(map(_word, each.split())))
        elif each in named:
            chosen.append(named[each])
        else:
            raise ValueError(f"{each} is not in the list")
    return f"(?:{'|'.join(chosen)})" + ("?" if optional else "")


def _any(listed: str) -> str:
    """One of several, each of one word or more."""
    each = ("".join(map(_word, entry.split())) for entry in listed.split(","))
    return f"(?:{'|'.join(sorted(filter(None, each), key=len, reverse=True))})"


def _word(word: str) -> str:
    stem, star, _ = word.partition("*")
    written = "".join(f"{re.escape(part)} " for part in _words(stem))
    return written.rstrip(" ") + r"\w* " if star else written
