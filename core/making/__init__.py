"""Files that the companion makes for a person: the tool as the model sees it, and its making."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Protocol

from core.llm import Tool


@dataclass(frozen=True, slots=True)
class MadeFile:
    """`path` is inside the folder given to `make`; `name` is fit to be shown and sent; `caption`
    is the model's short word about it, Markdown, at most 900 characters, perhaps empty."""

    path: Path
    name: str
    mime: str
    caption: str


class NotMade(Exception):
    """The message tells the model in English what to change, or that it can't be done."""


class Maker(Protocol):
    def tool(self, language: str) -> Tool: ...

    async def make(self, arguments: str, folder: Path, *, language: str, zone: tzinfo) -> MadeFile:
        """`arguments` is the JSON of the model's call, not trusted. Times without a zone are in
        `zone`. Raises `NotMade`."""
        ...
