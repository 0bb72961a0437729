"""HTML as the text that a person would see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from core.reading import markup, plain
from core.reading.extract import Extract

_BYTES = 8 * 2**20
_PIECE = 65_536
_SILENT = frozenset(
    ["script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select"]
)
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table",
    "tbody", "tfoot", "thead", "title", "ul",
})  # fmt: skip
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def read(path: Path, extract: Extract) -> None:
    text, extract.whole = plain.load(path, _BYTES)
    page = _Page()
    for _ in markup.feed_html(text, page, _PIECE):
        extract.add(page.taken())


class _Page:
    """Gathers text between two calls of `taken`."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._silent: list[str] = []

    def start(self, tag: str, attributes: Any) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _HEADINGS:
            self._pieces.append(f"\n\n{_HEADINGS[tag]}")
        elif tag == "li":
            self._pieces.append("\n- ")
        elif tag in {"tr", "br"}:
            self._pieces.append("\n")
        elif tag in {"td", "th"}:
            self._pieces.append(" | ")
        elif tag in _BLOCKS:
            self._pieces.append("\n\n")

    def end(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag in _BLOCKS or tag in _HEADINGS:
            self._pieces.append("\n\n")

    def data(self, data: str) -> None:
        if not self._silent:
            self._pieces.append(_SPACES.sub(" ", data))

    def comment(self, data: str) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> str:
        text = "".join(self._pieces)
        self._pieces = []
        return re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", text))
