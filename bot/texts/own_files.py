"""A person's message with files, told to them as they know it: their words, the files by name, and
what was heard. What the model noted of pictures and documents is for the model alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from bot.texts import Words
from bot.texts.file_names import File, files_of, icon_of_all, label_of_all
from core import Entry, treatment


def own_files(entry: Entry, words: Words, characters: int | None = None) -> list[str]:
    """Paragraphs. `characters` is the room for captions and then for what was heard; the rest of
    the person's own words is never long."""
    room = _Room(characters)
    groups = [list(group) for _, group in groupby(files_of(entry), key=_alike)]
    captions = [room.take(map(_caption, group)) for group in groups]
    heard = [room.take(map(_heard, group)) for group in groups]
    head = str(entry.payload.get("head") or "")
    said = [head] if head else []
    for group, caption, transcript in zip(groups, captions, heard, strict=True):
        said += [file_line(group, words), *caption, *transcript]
    return said


def file_line(files: Sequence[File], words: Words) -> str:
    icon = icon_of_all(files, words)
    return words.plain("history-file", icon=icon, file=label_of_all(files, words))


def shortened(text: str, characters: int) -> str:
    """Cut between words, if there is a place for it in the last third."""
    if len(text) <= characters:
        return text
    cut = text[:characters]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    return (cut[:space] if space > characters * 2 // 3 else cut).rstrip() + " …"


class _Room:
    def __init__(self, characters: int | None) -> None:
        self._left = characters

    def take(self, texts: Iterable[str]) -> list[str]:
        return list(filter(None, map(self._fitted, texts)))

    def _fitted(self, text: str) -> str:
        if self._left is None:
            return text
        fitting = shortened(text, self._left).strip()
        self._left = max(0, self._left - len(text))
        return fitting


def _alike(file: File) -> object:
    """Files that are alike to the person stand together: the photos of an album."""
    named = file.get("name") or _is_sound(file)
    return file["message"] if named else file["kind"]


def _caption(file: File) -> str:
    return str(file.get("caption") or "").strip()


def _heard(file: File) -> str:
    heard = file.get("state") == "ok" and _is_sound(file)
    return str(file.get("said") or "").strip() if heard else ""


def _is_sound(file: File) -> bool:
    return treatment(file["kind"], file.get("mime"), file.get("name")) == "hear"
