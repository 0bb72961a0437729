"""What files are called where they are spoken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.texts import Words
from bot.texts.dates import duration
from core import Entry

NAME_CHARACTERS = 60

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
    if file.get("name") or not seconds:
        return label(file, words)
    return words.plain("file-length", file=label(file, words), length=duration(seconds))


def _short(name: str | None) -> str:
    line = " ".join((name or "").split())
    return line if len(line) <= NAME_CHARACTERS else line[: NAME_CHARACTERS - 1].rstrip() + "…"
