"""CSV and TSV as a table. Formulas are text like any other."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from core.reading import TEXT_CHARACTERS, markdown, plain
from core.reading.extract import Extract

COLUMNS = 100
_BYTES = 4 * 2**20
_DELIMITERS = ",;\t|"
_SAMPLE = 50


def read(path: Path, extract: Extract) -> None:
    """Read as plain text where no delimiter makes columns of it."""
    text, whole = plain.load(path, _BYTES)
    delimiter = find_delimiter(text)
    if delimiter is None:
        extract.add(text)
        extract.whole = whole
        return
    rows: list[list[str]] = []
    size = 0
    for cells in _rows(text, delimiter):
        if len(cells) > COLUMNS:
            whole = False
        rows.append(cells[:COLUMNS])
        size += sum(map(len, rows[-1])) + 3 * len(rows[-1])
        if size > TEXT_CHARACTERS:
            break
    extract.paragraph(markdown.table(rows))
    extract.whole = whole


def find_delimiter(text: str) -> str | None:
    """The one that gives the most rows of the same width, and the widest of those."""
    sample = text[:65_536]
    best, chosen = 1.0, None
    for delimiter in _DELIMITERS:
        widths = [len(cells) for cells in islice(_rows(sample, delimiter), _SAMPLE)]
        if len(sample) < len(text) and len(widths) > 1:
            widths.pop()
        if not widths:
            continue
        common = max(set(widths), key=lambda width: (widths.count(width), width))
        score = common * (widths.count(common) / len(widths)) ** 2
        if common > 1 and score > best:
            best, chosen = score, delimiter
    return chosen


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    # A quote that nobody closes makes one field of all the rest: the module's own limit of a
    # field's length ends it, and the rows before it are kept.
    lines = text.replace("\0", "").splitlines(keepends=True)
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return
