"""DOCX: paragraphs, headings, lists, tables and notes in the order they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.reading.extract import Extract
from core.reading.markup import attribute, forget, local, number
from core.reading.nested_tables import COLUMNS, NestedTables
from core.reading.package import Package
from core.reading.word_styles import WordStyles

_BLOCKS = ("p", "tbl", "tr", "tc", "gridSpan", "Fallback", "moveFrom")
_INLINE = [
    f"{{*}}{tag}"
    for tag in ("t", "tab", "br", "cr", "noBreakHyphen", "footnoteReference", "endnoteReference")
]


def read(path: Path, extract: Extract) -> None:
    with Package(path) as package:
        main = package.main()
        styles = WordStyles(package, main)
        body = _Body(styles, extract)
        for event, element in package.elements(main, *_BLOCKS):
            if event == "start":
                body.start(element)
            else:
                body.end(element)
        for kind, name in package.related(main).values():
            if kind in {"footnotes", "endnotes"}:
                _notes(package, name, kind, extract)


class _Body:
    def __init__(self, styles: WordStyles, extract: Extract) -> None:
        self._styles = styles
        self._extract = extract
        self._tables = NestedTables()
        self._shadows = 0
        self._listed = False

    def start(self, element: Any) -> None:
        match local(element):
            # The same content a second time, for old programs; or text that was moved elsewhere.
            case "Fallback" | "moveFrom":
                self._shadows += 1
            case "tbl":
                self._tables.start_table()
            case "tr":
                self._tables.start_row()
            case "tc":
                self._tables.start_cell()
            case _:
                pass

    def end(self, element: Any) -> None:
        match local(element):
            case "Fallback" | "moveFrom":
                self._shadows -= 1
                element.clear()
            case "gridSpan":
                self._tables.widen(number(attribute(element, "val"), 1, COLUMNS))
            case "tbl":
                self._block(self._tables.end_table())
                forget(element)
            case "p":
                if not self._shadows:
                    self._paragraph(element)
                forget(element)
            case _:
                pass

    def _paragraph(self, element: Any) -> None:
        text = paragraph_text(element)
        if self._tables.inside:
            self._tables.add(text)
        elif text:
            prefix = self._styles.prefix(element)
            if prefix and not prefix.startswith("#"):
                self._extract.add(f"{prefix}{text}\n")
                self._listed = True
            else:
                self._block(f"{prefix}{text}")

    def _block(self, text: str) -> None:
        if text:
            self._extract.add(f"\n{text}\n\n" if self._listed else f"{text}\n\n")
            self._listed = False


def _notes(package: Package, part: str, kind: str, extract: Extract) -> None:
    for event, element in package.elements(part, kind.removesuffix("s")):
        if event == "end":
            text = " ".join(filter(None, map(paragraph_text, element.iter("{*}p"))))
            # The separators above notes are notes without words.
            if text:
                extract.add(f"[^{_mark(kind, element)}]: {text}\n")
            forget(element)


def _mark(kind: str, element: Any) -> str:
    mark = "".join(filter(str.isdecimal, attribute(element, "id") or ""))[:8]
    return f"{'e' if kind.startswith('end') else ''}{mark}"


def paragraph_text(paragraph: Any) -> str:
    pieces: list[str] = []
    for element in paragraph.iter(*_INLINE):
        match local(element):
            case "t":
                pieces.append(element.text or "")
            case "tab":
                # Stops of a ruler are called tabs as well.
                if local(element.getparent()) == "r":
                    pieces.append("\t")
            case "br" | "cr":
                pieces.append("\n")
            case "noBreakHyphen":
                pieces.append("-")
            case kind:
                pieces.append(f"[^{_mark(kind, element)}]")
    return "".join(pieces).strip()
