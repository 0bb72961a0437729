"""DOCX with real styles, so that a person may restyle, navigate and edit it as their own."""

from __future__ import annotations

from typing import Any, cast

import docx
from docx.shared import Twips

from core.making.formats.word_numbering import Numbering, indent
from core.making.formats.word_styles import HAIRLINE, prepare
from core.making.formats.word_table import add_table
from core.making.formats.word_text import add_paragraph, add_runs
from core.making.formats.word_xml import border
from core.making.markdown import page_of
from core.making.request import Request
from core.making.scripts import language_of
from core.making.tree import Block, Code, Grid, Heading, Item, ItemList, Paragraph, Quote, Run

JOBS = ("make",)

_HEADINGS = 6


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    request = Request.model_validate(arguments["request"])
    page = page_of(request.content, request.title)
    document = cast("Any", docx).Document()
    prepare(document, page.title, language_of(request.content, arguments["language"]))
    if page.title:
        add_paragraph(document, "Title").add_run(page.title)
    _Writer(document).blocks(page.blocks)
    document.save(arguments["path"])
    return {}


class _Writer:
    """`level` is how deep in lists a block stands, `quoted` whether in a quote."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._numbering = Numbering(document)

    def blocks(self, blocks: tuple[Block, ...], level: int = 0, quoted: bool = False) -> None:
        for block in blocks:
            match block:
                case Paragraph(runs):
                    self._paragraph(runs, level, quoted)
                case Heading(depth, runs):
                    style = f"Heading{min(depth, _HEADINGS)}"
                    add_runs(add_paragraph(self._document, style), runs)
                case ItemList():
                    self._list(block, level, quoted)
                case Quote(inner):
                    self.blocks(inner, level, quoted=True)
                case Code(text):
                    paragraph = add_paragraph(self._document, "Code")
                    paragraph.add_run(text)
                    self._indented(paragraph, level)
                case Grid():
                    add_table(self._document, block)
                case _:
                    self._rule()

    def _paragraph(self, runs: tuple[Run, ...], level: int, quoted: bool) -> None:
        style = "Quote" if quoted else "ListParagraph" if level else "Normal"
        paragraph = add_paragraph(self._document, style)
        add_runs(paragraph, runs)
        self._indented(paragraph, level)

    def _list(self, block: ItemList, level: int, quoted: bool) -> None:
        number = self._numbering.list(block.first)
        for item in block.items:
            if item.done is None:
                style = "ListBullet" if block.first is None else "ListNumber"
                paragraph = add_paragraph(self._document, style)
                self._numbering.join(paragraph, number, level)
            else:
                paragraph = add_paragraph(self._document, "ListParagraph")
                self._task(paragraph, item.done, level)
            self._item(paragraph, item, level + 1, quoted)

    def _item(self, paragraph: Any, item: Item, level: int, quoted: bool) -> None:
        match item.blocks:
            case [Paragraph(runs), *rest]:
                add_runs(paragraph, runs)
                self.blocks(tuple(rest), level, quoted)
            case blocks:
                self.blocks(blocks, level, quoted)

    def _task(self, paragraph: Any, done: bool, level: int) -> None:
        space = paragraph.paragraph_format
        space.left_indent = Twips(indent(level))
        space.first_line_indent = -Twips(indent(0))
        box = paragraph.add_run("☑\t" if done else "☐\t")
        box.font.name = "Segoe UI Symbol"

    def _indented(self, paragraph: Any, level: int) -> None:
        if level:
            paragraph.paragraph_format.left_indent = Twips(indent(level - 1))

    def _rule(self) -> None:
        paragraph = add_paragraph(self._document, "Normal")
        border(paragraph._p.get_or_add_pPr(), "bottom", HAIRLINE, size=6, space=1)
