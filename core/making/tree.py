"""A document as its writers see it: blocks that hold runs of text, free of any markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Run:
    """`text` of "\\n" alone is a line break. `url` is absolute and of a harmless scheme."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: tuple[Run, ...]
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` counts from 1 without gaps at the top, whatever level the source began with."""

    level: int
    runs: tuple[Run, ...]
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Item:
    """`done` is None where the item is no task."""

    blocks: tuple[Block, ...]
    done: bool | None = None


@dataclass(frozen=True, slots=True)
class ItemList:
    """`first` is the first number, None for a list with bullets. A tight list has no air between
    its items."""

    items: tuple[Item, ...]
    first: int | None = None
    tight: bool = True
    kind: Literal["list"] = "list"


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: tuple[Block, ...]
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the first row is its head, every row has as many cells as there are `aligns`.
    `shares` is how columns divide the width of a page, None for a table that does not need it."""

    aligns: tuple[Align, ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    shares: tuple[float, ...] | None = None
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Rule:
    kind: Literal["rule"] = "rule"


Block = Paragraph | Heading | ItemList | Quote | Code | Grid | Rule


@dataclass(frozen=True, slots=True)
class Page:
    """A whole document; `title` stands above it and is not among `blocks`."""

    title: str
    blocks: tuple[Block, ...]


def plain(runs: tuple[Run, ...]) -> str:
    return "".join(run.text for run in runs)
