"""ODT and ODP: paragraphs, headings, lists and tables in the order they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.isolated import JobRefused
from core.reading.extract import Extract
from core.reading.markup import attribute, forget, local, number, walk
from core.reading.nested_tables import NestedTables
from core.reading.package import Package

_CONTENT = "content.xml"
_BLOCKS = (
    "h", "p", "list", "table", "table-row", "table-cell", "page", "tracked-changes", "annotation",
    "note",
)  # fmt: skip


def read(path: Path, extract: Extract) -> None:
    """Slides of a presentation stand under headings with their numbers. Notes at the foot of a
    page stand in brackets where they are called."""
    with Package(path) as package:
        if _CONTENT not in package.names:
            raise JobRefused("broken")
        body = _Body(extract)
        for event, element in package.elements(_CONTENT, *_BLOCKS):
            if event == "start":
                body.start(local(element))
            else:
                body.end(local(element), element)


class _Body:
    def __init__(self, extract: Extract) -> None:
        self._extract = extract
        self._tables = NestedTables()
        self._lists = 0
        self._hidden = 0
        self._notes = 0
        self._pages = 0

    def start(self, tag: str) -> None:
        match tag:
            case "tracked-changes" | "annotation":
                self._hidden += 1
            case "note":
                self._notes += 1
            case "list":
                self._lists += 1
            case "page":
                self._pages += 1
                self._extract.parts = self._pages
                self._extract.add(f"## {self._pages}\n\n")
            case "table":
                self._tables.start_table()
            case "table-row":
                self._tables.start_row()
            case "table-cell":
                self._tables.start_cell()
            case _:
                pass

    def end(self, tag: str, element: Any) -> None:
        match tag:
            case "tracked-changes" | "annotation":
                self._hidden -= 1
                element.clear(keep_tail=True)
            case "note":
                # It stands inside a paragraph, whose text is taken when that one ends.
                self._notes -= 1
            case "list":
                self._lists -= 1
                if not self._lists and not self._tables.inside:
                    self._extract.add("\n")
            case "table":
                self._extract.paragraph(self._tables.end_table())
                forget(element)
            case "h" | "p":
                if not self._hidden and not self._notes:
                    self._block(tag, element)
                    forget(element)
            case _:
                pass

    def _block(self, tag: str, element: Any) -> None:
        text = "".join(_inline(element)).strip()
        if self._tables.inside:
            self._tables.add(text)
        elif tag == "h":
            depth = max(number(attribute(element, "outline-level"), 1, 6), 1)
            self._extract.paragraph(f"{'#' * depth} {text}" if text else "")
        elif self._lists:
            self._extract.add(f"{'  ' * min(self._lists - 1, 8)}- {text}\n" if text else "")
        else:
            self._extract.paragraph(text)


def _inline(element: Any) -> list[str]:
    pieces: list[str] = []
    for event, node in walk(element):
        tag = local(node)
        if event == "end":
            if tag == "note":
                pieces.append(")")
            if node is not element:
                pieces.append(node.tail or "")
            continue
        match tag:
            case "s":
                pieces.append(" " * number(attribute(node, "c"), 1, 80))
            case "tab":
                pieces.append("\t")
            case "line-break":
                pieces.append("\n")
            case "note":
                pieces.append(" (")
            case "note-citation":
                continue
            case _:
                pass
        pieces.append(node.text or "")
    return pieces
