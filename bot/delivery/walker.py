"""Walks over a parser's events and writes what a person is to see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from pyromark.event import Event, Range

from bot.delivery.links import is_safe_link
from bot.delivery.rich import Rich, Span, Writer
from bot.delivery.tables import lay_out

RULE = "———"
_LANGUAGE = re.compile(r"[\w+#.-]{1,32}", re.ASCII)
_BREAK = re.compile(r"<br\s*/?>\n?", re.IGNORECASE)


class Walker:
    """Takes the events of `source` in order; the result grows in `page`."""

    def __init__(self, source: bytes) -> None:
        self.page = Writer()
        self._source = source
        self._lists: list[int | None] = []
        self._ruled = False
        self._links: list[str] = []
        self._tildes: list[bool] = []
        self._raw: list[str] | None = None
        self._language = ""
        self._rows: list[list[Rich]] = []
        self._cell: Writer | None = None
        self._cell_end = 0

    @property
    def _out(self) -> Writer:
        return self._cell or self.page

    def take(self, event: Event, place: Range) -> None:
        match event:
            case {"Text": text} | {"Html": text}:
                if self._raw is not None:
                    self._raw.append(text)
                else:
                    self._out.write(text)
            case {"Start": tag}:
                if isinstance(tag, str):
                    self._start(tag, place)
                else:
                    self._start_with(tag, place)
            case {"End": tag}:
                if isinstance(tag, str):
                    self._end(tag, place)
                else:
                    self._end_with(tag)
            case _:
                self._sign(event, place)

    def _sign(self, event: Event, place: Range) -> None:
        match event:
            case "SoftBreak" | "HardBreak":
                self._line_break()
            case "Rule":
                self._block(place)
                self._rule()
            case {"Code": text}:
                self._out.code(text)
            case {"InlineHtml": text}:
                if _BREAK.fullmatch(text):
                    self._line_break()
                else:
                    self._out.write(text)
            case {"TaskListMarker": done}:
                self.page.marker(self._indent() + ("☑ " if done else "☐ "), replace=True)
            case _:
                self._out.write(self._source[place["start"] : place["end"]].decode())

    def _start(self, tag: str, place: Range) -> None:
        match tag:
            case "Emphasis":
                self._out.open("italic")
            case "Strong":
                self._out.open("bold")
            case "Strikethrough":
                self._start_tilde(place)
            case "Paragraph":
                self._block(place)
            case "Item":
                self._item(place)
            case "HtmlBlock":
                self._block(place)
                self._raw = []
            case "TableHead" | "TableRow":
                self._rows.append([])
            case "TableCell":
                self._cell = Writer()
            case _:
                pass

    def _start_with(self, tag: Mapping[str, object], place: Range) -> None:
        match tag:
            case {"Link": {"dest_url": str(url), "link_type": "Autolink" | "Email"}}:
                self._start_link(url, is_text=True)
            case {"Link": {"dest_url": str(url)}} | {"Image": {"dest_url": str(url)}}:
                self._start_link(url, is_text=False)
            case {"List": first}:
                self._block(place)
                self._lists.append(first if isinstance(first, int) else None)
            case {"Heading": _}:
                self._start_heading(place)
            case {"BlockQuote": _}:
                self._block(place)
                self.page.open("blockquote")
            case {"CodeBlock": kind}:
                self._block(place)
                self._start_code(kind)
            case {"Table": _}:
                self._block(place)
                self._rows = []
            case _:
                pass

    def _end(self, tag: str, place: Range) -> None:
        match tag:
            case "Emphasis" | "Strong":
                self._out.close()
            case "Strikethrough":
                self._end_tilde()
            case "Link" | "Image":
                self._end_link()
            case "TableCell" if self._cell:
                self._rows[-1].append(self._cell.rich())
                self._cell, self._cell_end = None, place["end"]
            case "TableHead" | "TableRow":
                self._rest_of_row(place)
            case "Table":
                self.page.append(lay_out(self._rows))
                self.page.gap(1)
            case "Item":
                self.page.flush_marker()
                self.page.gap(1)
            case "HtmlBlock":
                self.page.write(_BREAK.sub("\n", "".join(self._raw or [])).strip("\n"))
                self._raw = None
                self.page.gap(1)
            case "CodeBlock":
                self._end_code()
            case _:
                self.page.gap(1)

    def _end_with(self, tag: Mapping[str, object]) -> None:
        match tag:
            case {"List": _}:
                self._lists.pop()
                self.page.gap(1)
            case {"Heading": _}:
                self._end_heading()
            case {"BlockQuote": _}:
                self.page.close()
                self.page.gap(1)
            case _:
                pass

    def _block(self, place: Range) -> None:
        """Keep the source's choice between a line break and an empty line."""
        before = self._source[max(0, place["start"] - 64) : place["start"]]
        self.page.gap(2 if before[len(before.rstrip(b" \t\n>")) :].count(b"\n") > 1 else 1)

    def _line_break(self) -> None:
        if self._cell:
            self._cell.write(" ")
        else:
            self.page.line_break()

    def _start_tilde(self, place: Range) -> None:
        single = self._source[place["start"] + 1 : place["start"] + 2] != b"~"
        self._tildes.append(single)
        if single:
            self._out.write("~")
        self._out.open(None if single else "strikethrough")

    def _end_tilde(self) -> None:
        self._out.close()
        if self._tildes.pop():
            self._out.write("~")

    def _start_link(self, url: str, is_text: bool) -> None:
        self._links.append(url)
        linked = is_safe_link(url) and not is_text and not self._out.is_open("text_link")
        self._out.open("text_link" if linked else None, url)

    def _end_link(self) -> None:
        url = self._links.pop()
        if not self._out.close():
            self._out.write(url)

    def _indent(self) -> str:
        return "    " * (len(self._lists) - 1)

    def _item(self, place: Range) -> None:
        self.page.flush_marker()
        self._block(place)
        number = self._lists[-1]
        if number is None:
            self.page.marker(self._indent() + ("• " if len(self._lists) == 1 else "◦ "))
        else:
            self._lists[-1] = number + 1
            self.page.marker(f"{self._indent()}{number}. ")

    def _start_heading(self, place: Range) -> None:
        source = self._source[place["start"] : place["end"]]
        underlined = not source.lstrip().startswith(b"#")
        self._ruled = underlined and source.rstrip().endswith(b"-")
        if self._ruled:
            self._block(place)
        else:
            self.page.gap(2)
        self.page.open(None if self._ruled else "bold")

    def _end_heading(self) -> None:
        shown = self.page.close()
        if shown and not self._ruled:
            self.page.heading_ends()
        self.page.gap(1)
        if self._ruled:
            self._rule()

    def _rule(self) -> None:
        self.page.write(RULE)
        self.page.gap(1)

    def _start_code(self, kind: object) -> None:
        self._raw, info = [], ""
        if isinstance(kind, Mapping):
            info = str(cast("Mapping[str, object]", kind).get("Fenced", "")).strip()
        self._language = info if _LANGUAGE.fullmatch(info) else ""
        if info and not self._language:
            self._raw.append(info + "\n")

    def _end_code(self) -> None:
        code = "".join(self._raw or []).strip("\n").expandtabs(4)
        self._raw = None
        if code.strip():
            span = Span("pre", 0, len(code), self._language)
            self.page.append(Rich(code, (span,)))
        self.page.gap(1)

    def _rest_of_row(self, place: Range) -> None:
        """Markdown throws away cells that have no head; people wrote them."""
        rest = self._source[self._cell_end : place["end"]].decode().strip(" \t\n|")
        if rest and self._rows[-1]:
            self._rows[-1].append(Rich(rest))
