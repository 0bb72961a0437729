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
_VOICE = re.compile(r"^\[audio\]\s*", re.MULTILINE)
_SHOWN = re.compile(r"^\[(?:image|file|file_result|info)\]", re.MULTILINE)
_ABOUT = re.compile(r"^\[[^\]\n]*\][ ]*", re.MULTILINE)
"""What the app says of a file before its words: the name, how many pages."""
PARAGRAPH = "\n\n"
LONGEST_WISH = 400
_TAG = re.compile(r"^\[(?:audio|image|file|file_result|info)\]\s*", re.MULTILINE)


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
    text = _TAG.sub("", _NOTE.sub("", text))
    prepared = words(language_of(text))
    mood = _mood(text.lower(), prepared["keywords"])
    seed = zlib.crc32(text.encode("utf-8", "replace")) + turn * 7
    notice = _pick(prepared["notice"], turn)
    if mood in {"broken", "break", "slow"}:
        return Reply(prepared[mood], mood)
    if mood in {"table", "code"}:
        return Reply(f"{notice}\n\n{prepared[mood]}", mood)
    if mood == "long":
        return Reply(_long(notice, prepared), mood)
    quote = _MARKUP.sub(" ", " ".join(_ABOUT.sub("", text).split()))
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
    said = _own(text).lower()
    if len(said) > LONGEST_WISH:
        return None
    for kind, patterns in words(language_of(said))["files"].items():
        if any(_pattern(pattern).search(said) for pattern in patterns):
            return kind
    return None


def has_mood(text: str) -> bool:
    """Whether the words are one of the hints."""
    text = _TAG.sub("", _NOTE.sub("", text))
    return bool(_mood(text.lower(), words(language_of(text))["keywords"]))


def _own(text: str) -> str:
    """Without what files say: their text ends at best where the next paragraph begins."""
    text = _VOICE.sub("", _NOTE.sub("", text))
    if (shown := _SHOWN.search(text)) is None:
        return text
    _, ended, last = text[shown.start() :].rpartition(PARAGRAPH)
    return f"{text[: shown.start()]}\n{last if ended else ''}"


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
