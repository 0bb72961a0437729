"""What files are called where they are spoken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import category

from bot.texts import Words
from bot.texts.dates import duration
from core import Entry

NAME_CHARACTERS = 60

_JOINER = "\u200d"
_EMOJI_PARTS = frozenset({"So", "Sk", "Mn"})
"""Pictures, shades of skin, and what asks for a coloured picture."""

File = Mapping[str, Any]
"""`kind`, and `name` and `seconds` where they are known."""


def files_of(entry: Entry) -> Sequence[File]:
    """The files that came with a message, in the order of their indexes."""
    if entry.sender == "user":
        return list(entry.payload.get("files", ()))
    return [{"kind": "document", "name": entry.payload.get("name")}] if entry.files else []


def icon(file: File, words: Words) -> str:
    return words.plain("file-icon", kind=file["kind"])


def label(file: File, words: Words) -> str:
    """Its own name, or what kind of a file it is, within a sentence."""
    return _short(file.get("name")) or words.plain("file-kind", kind=file["kind"])


def title(file: File, words: Words) -> str:
    """The same to begin a sentence with."""
    if name := _short(file.get("name")):
        return name
    kind = label(file, words)
    return kind[:1].upper() + kind[1:]


def with_length(file: File, words: Words) -> str:
    """Its label; recordings, which have no names, are told apart by their length."""
    seconds = file.get("seconds")
    if visible(file.get("name") or "") or not seconds:
        return label(file, words)
    return words.plain("file-length", file=label(file, words), length=duration(seconds))


def icon_of_all(files: Sequence[File], words: Words) -> str:
    return words.plain("file-icon", kind=_kind(files))


def label_of_all(files: Sequence[File], words: Words) -> str:
    """One file by its label, several by their number."""
    if len(files) == 1:
        return with_length(files[0], words)
    return words.plain("files-together", kind=_kind(files), count=len(files))


def visible(name: str) -> str:
    """A name from outside on one line, without what nobody sees or what turns letters around."""
    return " ".join("".join(map(_seen, " " + name, name, name[1:] + " ")).split())


def _seen(before: str, char: str, after: str) -> str:
    kind = category(char)
    if kind == "Cc":
        return " "
    if char == _JOINER and category(before) in _EMOJI_PARTS and category(after) == "So":
        return char
    return "" if kind in {"Cf", "Cs"} else char


def _kind(files: Sequence[File]) -> str:
    kinds = {file["kind"] for file in files}
    return kinds.pop() if len(kinds) == 1 else "document"


def _short(name: str | None) -> str:
    line = visible(name or "")
    return line if len(line) <= NAME_CHARACTERS else line[: NAME_CHARACTERS - 1].rstrip() + "…"
