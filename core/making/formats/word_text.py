"""Runs of text in a Word document."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from core.making.formats.word_xml import link
from core.making.tree import Run


def add_runs(paragraph: Any, runs: tuple[Run, ...]) -> None:
    for url, group in groupby(runs, key=lambda run: run.url):
        added = [_add(paragraph, run) for run in group]
        if url:
            holder = link(paragraph, url)
            for each in added:
                if each.style.name == "Default Paragraph Font":
                    each.style = "Hyperlink"
                holder.append(each._r)


def _add(paragraph: Any, run: Run) -> Any:
    added = paragraph.add_run()
    if run.text == "\n":
        added.add_break()
    else:
        added.text = run.text
    if run.code:
        added.style = "Code Char"
    if run.bold:
        added.bold = True
    if run.italic:
        added.italic = True
    if run.strike:
        added.font.strike = True
    return added
