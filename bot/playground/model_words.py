"""What the scripted model says: prepared words, picked by what the person wrote."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.playground.words import words

LONG_ANSWER = 9000
QUOTE = 80
_MARKUP = re.compile(r"[*_`~\[\]()<>|#\\]+")
_NOTE = re.compile(r"<note>.*?</note>\s*", re.DOTALL)
"""The app's own note, which servers with strict turns get in front of the person's words."""
_FENCED = re.compile(r"^<<<(\w+)\n(.*?)\n\1>>>", re.DOTALL | re.MULTILINE)
"""What the app read in a file or a picture."""
_ABOUT = re.compile(r"^\[[^\]\n]*\](?: \([^)\n]*\))?[ ]*", re.MULTILINE)
"""What the app says of a message: its kind, a name, how many pages, why it was not read."""
LONGEST_WISH = 400


@dataclass(frozen=True, slots=True)
class Reply:
    """`mood` is the keyword that was met (a name under `keywords` in the words), or empty."""

    text: str
    mood: str


def language_of(text: str) -> str:
    """Russian unless Latin letters are in the majority."""
    cyrillic = sum("а" <= letter <= "я" or letter == "ё" for letter in text.lower())
    latin = sum("a" <= letter <= "z" for letter in text.lower())
    return "en" if latin > cyrillic else "ru"


def reply_to(text: str, turn: int) -> Reply:
    """The same words at another turn get another answer; the same turn always gets the same."""
    own = own_words(text)
    prepared = words(language_of(own or text))
    mood = _mood(own.lower(), prepared["keywords"])
    seed = zlib.crc32(text.encode("utf-8", "replace")) + turn * 7
    notice = _pick(prepared["notice"], turn)
    if mood in {"broken", "break", "slow"}:
        return Reply(prepared[mood], mood)
    if mood in {"table", "code"}:
        return Reply(f"{notice}\n\n{prepared[mood]}", mood)
    if mood == "long":
        return Reply(_long(notice, prepared), mood)
    shown = own or _ABOUT.sub("", _FENCED.sub(r"\2", _NOTE.sub("", text)))
    quote = _MARKUP.sub(" ", " ".join(shown.split()))
    quote = " ".join(quote.split())
    if len(quote) > QUOTE:
        quote = quote[:QUOTE].rsplit(" ", 1)[0] + "…"
    echo = _pick(prepared["echo"] if quote else prepared["echo_empty"], seed)
    parts = [
        notice,
        echo.replace("{quote}", quote),
        _pick(prepared["body"], seed // 5),
        _pick(prepared["question"], seed // 25),
    ]
    return Reply("\n\n".join(parts), mood)


def wanted_format(text: str) -> str | None:
    """The kind of file the person asks for in their own words, by what `files` lists first."""
    said = own_words(text).lower()
    if len(said) > LONGEST_WISH:
        return None
    for kind, patterns in words(language_of(said))["files"].items():
        if any(_pattern(pattern).search(said) for pattern in patterns):
            return kind
    return None


def has_mood(text: str) -> bool:
    """Whether the words are one of the hints."""
    own = own_words(text)
    return bool(_mood(own.lower(), words(language_of(own))["keywords"]))


def own_words(text: str) -> str:
    """The person's, without what the app says and what files say."""
    return _ABOUT.sub("", _FENCED.sub("", _NOTE.sub("", text))).strip()


@cache
def _pattern(words: str) -> re.Pattern[str]:
    """A star stands for any ending. Not within a file's name, nor a part of a word."""
    return re.compile(
        rf"(?<![\w.])(?:{re.escape(words).replace(chr(92) + '*', chr(92) + 'w*')})(?!\w)"
    )


def _mood(text: str, keywords: dict[str, list[str]]) -> str:
    """Only a short message is a keyword: a story with the word «код» in it gets a real reply."""
    said = " ".join(re.findall(r"\w+", text))
    return next((mood for mood, known in keywords.items() if said in known), "")


def _long(notice: str, prepared: dict[str, Any]) -> str:
    parts = [notice, f"## {prepared['long_title']}"]
    number = 0
    while sum(map(len, parts)) + 2 * len(parts) < LONG_ANSWER:
        number += 1
        parts.append(f"{number}. {_pick(prepared['long'], number - 1)}")
    return "\n\n".join([*parts, _pick(prepared["question"], number)])


def _pick(choices: Sequence[str], number: int) -> str:
    return choices[number % len(choices)]
