"""Runs of text in a Word document."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from core.making.formats.word_xml import link
from core.making.tree import Run


def add_paragraph(document: Any, style: str) -> Any:
    """`style` is an id, not a name: looking a name up takes longer than all the rest."""
    paragraph = document.add_paragraph()
    paragraph._p.get_or_add_pPr().style = style
    return paragraph


def add_runs(paragraph: Any, runs: tuple[Run, ...]) -> None:
    for url, group in groupby(runs, key=lambda run: run.url):
        added = [_add(paragraph, run) for run in group]
        if url:
            holder = link(paragraph, url)
            for each in added:
                each._r.get_or_add_rPr().style = "Hyperlink"
                holder.append(each._r)


def _add(paragraph: Any, run: Run) -> Any:
    added = paragraph.add_run()
    if run.text == "\n":
        added.add_break()
    else:
        added.text = run.text
    if run.code:
        added._r.get_or_add_rPr().style = "CodeChar"
    if run.bold:
        added.bold = True
    if run.italic:
        added.italic = True
    if run.strike:
        added.font.strike = True
    return added
