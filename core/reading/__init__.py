"""What is in a file: text of documents, pictures made fit for the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Unread = Literal["empty", "broken", "locked", "unsupported", "heavy", "no_text"]
"""Why a file can't be read: it has no bytes; is damaged or not what its name says; is protected by
a password; is of a kind nobody reads here; would take too much memory or time; holds no text."""


class Unreadable(Exception):
    def __init__(self, reason: Unread) -> None:
        super().__init__(reason)
        self.reason: Unread = reason


@dataclass(frozen=True, slots=True)
class Document:
    """`text` has at most `TEXT_CHARACTERS`. `parts` counts pages or sheets where the format has
    them; `whole` is False where limits left something out."""

    text: str
    format: str
    parts: int | None
    whole: bool


@dataclass(frozen=True, slots=True)
class JpegPicture:
    """A re-encoded JPEG, upright, at most 2048 px on its longer side and 4 MB."""

    data: bytes
    width: int
    height: int


TEXT_CHARACTERS = 200_000


class Reader(Protocol):
    """Raises `Unreadable`. Looks at the bytes, not only at the name; `name` may be anything."""

    async def document(self, path: Path, name: str, mime: str | None) -> Document: ...

    async def picture(self, path: Path) -> JpegPicture: ...
