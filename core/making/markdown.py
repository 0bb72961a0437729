"""The model's Markdown → a tree of blocks. No visible word of the source is left out.

What people mean by a sign wins over the letter of CommonMark: HTML is text, a single tilde means
"about", `[Note]: …` is a sentence unless an address follows, a line of dashes under a paragraph is
a line and not a heading, and a line ends where its author ended it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import cast

import pyromark
from pyromark.event import Event, Range

from core.isolated import JobRefused
from core.making.growing import Growing
from core.making.links import safe_url
from core.making.tree import Align, Block, Code, Grid, Heading, Page, Rule, Run, plain
from core.making.widths import column_shares

COLUMNS = 12
CELLS = 20_000

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
)
_DEFINITION_ROUNDS = 8
_LEVELS = {f"H{level}": level for level in range(1, 7)}
_ALIGNS: dict[str, Align] = {"Center": "center", "Right": "right"}
_BREAK = re.compile(r"<br\s*/?>\n?", re.IGNORECASE)


def page_of(markdown: str, title: str) -> Page:
    """The heading that the text begins with, if it stands above all others, is the title."""
    blocks = [*_blocks(markdown)]
    levels = [block.level for block in blocks if isinstance(block, Heading)]
    match blocks:
        case [Heading(level, runs), *rest] if plain(runs).split() == title.split() or (
            levels.count(level) == 1 and level == min(levels) and (level == 1 or not title)
        ):
            title, blocks, levels = plain(runs), rest, levels[1:]
        case _:
            pass
    shift = min(levels, default=1) - 1
    risen = (
        Heading(block.level - shift, block.runs) if isinstance(block, Heading) else block
        for block in blocks
    )
    return Page(" ".join(title.split()), tuple(risen))


def _blocks(markdown: str) -> tuple[Block, ...]:
    source = _without_sham_definitions(markdown)
    walker = _Walker(source.encode())
    for event, place in pyromark.events_with_range(source, options=_OPTIONS):
        walker.take(event, place)
    return walker.growing.finish()


def _without_sham_definitions(markdown: str) -> str:
    """A parser swallows the line `[Note]: tomorrow` as the definition of a link."""
    for _ in range(_DEFINITION_ROUNDS):
        if "]:" not in markdown:
            break
        found = pyromark.reference_definitions(markdown, options=_OPTIONS)
        sham = sorted(
            each["span"]["start"] for each in found.values() if not safe_url(each["dest"])
        )
        if not sham:
            return markdown
        source = markdown.encode()
        bounds = [0, *sham, len(source)]
        markdown = b"\\".join(source[a:b] for a, b in pairwise(bounds)).decode()
    return markdown.replace("]:", "]\\:")


class _Walker:
    """Takes the parser's events in order."""

    def __init__(self, source: bytes) -> None:
        self.growing = Growing()
        self._source = source
        self._raw: list[str] | None = None
        self._tildes: list[bool] = []
        self._aligns: tuple[Align, ...] = ()
        self._rows: list[list[tuple[Run, ...]]] = []
        self._cells = 0
        self._cell_end = 0

    def take(self, event: Event, place: Range) -> None:
        match event:
            case {"Text": text} | {"Html": text}:
                if self._raw is None:
                    self.growing.write(text)
                else:
                    self._raw.append(text)
            case {"Start": tag}:
                if isinstance(tag, str):
                    self._start(tag, place)
                else:
                    self._start_with(tag)
            case {"End": tag}:
                if isinstance(tag, str):
                    self._end(tag, place)
                else:
                    self._end_with(tag, place)
            case _:
                self._sign(event, place)

    def _sign(self, event: Event, place: Range) -> None:
        match event:
            case "SoftBreak" | "HardBreak":
                self.growing.line_break()
            case "Rule":
                self.growing.paragraph()
                self.growing.add(Rule())
            case {"Code": text}:
                self.growing.write(text, code=True)
            case {"InlineHtml": text}:
                self.growing.write("\n" if _BREAK.fullmatch(text) else text)
            case {"TaskListMarker": done}:
                self.growing.task(done)
            case _:
                self.growing.write(self._source[place["start"] : place["end"]].decode())

    def _start(self, tag: str, place: Range) -> None:
        match tag:
            case "Emphasis":
                self.growing.open_style("italic")
            case "Strong":
                self.growing.open_style("bold")
            case "Strikethrough":
                self._start_tilde(place)
            case "Paragraph":
                self.growing.paragraph()
                self.growing.loose()
            case "Item":
                self.growing.open_item()
            case "HtmlBlock":
                self.growing.paragraph()
                self._raw = []
            case "TableHead" | "TableRow":
                self._rows.append([])
            case _:
                pass

    def _start_with(self, tag: Mapping[str, object]) -> None:
        match tag:
            case {"Link": {"dest_url": str(url)}} | {"Image": {"dest_url": str(url)}}:
                self.growing.open_link(url)
            case {"List": first}:
                self.growing.open_list(first if isinstance(first, int) else None)
            case {"Heading": _}:
                self.growing.paragraph()
            case {"BlockQuote": _}:
                self.growing.open_quote()
            case {"CodeBlock": _}:
                self.growing.paragraph()
                self._raw = []
            case {"Table": aligns}:
                self.growing.paragraph()
                self._start_table(cast("tuple[str, ...]", aligns))
            case _:
                pass

    def _end(self, tag: str, place: Range) -> None:
        match tag:
            case "Emphasis" | "Strong":
                self.growing.close_style()
            case "Strikethrough":
                self._end_tilde()
            case "Link" | "Image":
                self.growing.close_link()
            case "TableCell":
                self._end_cell(place)
            case "TableHead" | "TableRow":
                self._end_row(place)
            case "Table":
                rows = tuple(tuple(row) for row in self._rows)
                self.growing.add(Grid(self._aligns, rows, column_shares(rows)))
            case "Item":
                self.growing.close()
            case "HtmlBlock":
                html, self._raw = "".join(self._raw or []), None
                self.growing.write(_BREAK.sub("\n", html).strip("\n"))
                self.growing.paragraph()
            case "CodeBlock":
                code, self._raw = "".join(self._raw or []).strip("\n").expandtabs(4), None
                if code.strip():
                    self.growing.add(Code(code))
            case _:
                self.growing.paragraph()

    def _end_with(self, tag: Mapping[str, object], place: Range) -> None:
        match tag:
            case {"List": _}:
                self.growing.close()
            case {"Heading": level}:
                self._end_heading(level, place)
            case {"BlockQuote": _}:
                self.growing.close()
            case _:
                pass

    def _end_heading(self, level: object, place: Range) -> None:
        source = self._source[place["start"] : place["end"]].strip()
        if not source.startswith(b"#") and source.endswith(b"-"):
            self.growing.paragraph()
            self.growing.add(Rule())
        elif runs := self.growing.take():
            self.growing.add(Heading(_LEVELS.get(str(level), 1), runs))

    def _start_tilde(self, place: Range) -> None:
        single = self._source[place["start"] + 1 : place["start"] + 2] != b"~"
        self._tildes.append(single)
        if single:
            self.growing.write("~")
        self.growing.open_style(None if single else "strike")

    def _end_tilde(self) -> None:
        self.growing.close_style()
        if self._tildes.pop():
            self.growing.write("~")

    def _start_table(self, aligns: tuple[str, ...]) -> None:
        if len(aligns) > COLUMNS:
            raise JobRefused("wide_table")
        self._aligns = tuple(_ALIGNS.get(align, "left") for align in aligns)
        self._rows = []

    def _end_cell(self, place: Range) -> None:
        self._cells += 1
        if self._cells > CELLS:
            raise JobRefused("many_cells")
        self._rows[-1].append(self.growing.take())
        self._cell_end = place["end"]

    def _end_row(self, place: Range) -> None:
        """Markdown throws away cells that have no head; people wrote them."""
        row = self._rows[-1]
        rest = self._source[self._cell_end : place["end"]].decode().strip(" \t\n|")
        if rest and row:
            row[-1] = (*row[-1], Run(f" {rest}"))
        row.extend(() for _ in range(len(self._aligns) - len(row)))
