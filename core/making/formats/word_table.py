"""Tables of a Word document: a head that is repeated on every page, thin lines between rows."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph

from core.making.formats.word_styles import ACCENT, HAIRLINE, WASH
from core.making.formats.word_text import add_runs
from core.making.formats.word_xml import child, element
from core.making.tree import Grid

_WIDTH = Cm(16)
_ALIGNS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}


def add_table(document: Any, grid: Grid) -> None:
    columns = len(grid.aligns)
    table = document.add_table(rows=0, cols=columns)
    _borders(table._tbl.tblPr)
    table.autofit = grid.shares is None
    if grid.shares:
        whole = sum(grid.shares)
        for column, share in zip(table.columns, grid.shares, strict=True):
            column.width = Emu(int(_WIDTH * share / whole))
    for number, row in enumerate(grid.rows):
        added = table.add_row()
        _row(added._tr, is_head=number == 0)
        # By its elements: asking a row for its cells takes a hundred times longer.
        for cell, runs, align in zip(added._tr.tc_lst, row, grid.aligns, strict=True):
            paragraph = Paragraph(cell.p_lst[0], added)
            properties = cell.p_lst[0].get_or_add_pPr()
            properties.style = "TableText" if number else "TableHead"
            properties.jc_val = _ALIGNS[align]
            add_runs(paragraph, runs)
            if number == 0:
                _head(cell.get_or_add_tcPr())
    # Two tables in a row would be taken for one, and a document can't end with a table.
    gap = document.add_paragraph()
    gap.paragraph_format.space_after = Pt(2)


def _borders(properties: Any) -> None:
    borders = element("w:tblBorders")
    for side in ("bottom", "insideH"):
        child(borders, f"w:{side}", val="single", sz="4", space="0", color=HAIRLINE)
    margins = element("w:tblCellMar")
    for side in ("left", "right"):
        child(margins, f"w:{side}", w="100", type="dxa")
    look = properties.find(qn("w:tblLook"))
    look.addprevious(borders)
    look.addprevious(margins)


def _row(row: Any, *, is_head: bool) -> None:
    properties = row.get_or_add_trPr()
    child(properties, "w:cantSplit")
    if is_head:
        child(properties, "w:tblHeader")


def _head(properties: Any) -> None:
    lines = child(properties, "w:tcBorders")
    child(lines, "w:bottom", val="single", sz="8", space="0", color=str(ACCENT))
    child(properties, "w:shd", val="clear", color="auto", fill=WASH)
