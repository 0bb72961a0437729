"""Tables for a narrow screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from bot.delivery.rich import Rich, Span, Writer

PHONE_COLUMNS = 34
"""Monospaced characters that fit a line of a small phone without wrapping."""


def lay_out(rows: Sequence[Sequence[Rich]]) -> Rich:
    """Aligned columns where they fit a phone, else each row as lines of "name: value".

    The first row is the head. Columns are monospaced and can't hold links, so links choose lines.
    """
    widths = [
        max(_width(row[column].text) for row in rows if column < len(row))
        for column in range(max(len(row) for row in rows))
    ]
    links = any(span.kind == "text_link" for row in rows for cell in row for span in cell.spans)
    if links or sum(widths) + 2 * (len(widths) - 1) > PHONE_COLUMNS:
        return _lines(rows)
    lines = [_columns(row, widths) for row in rows]
    lines.insert(1, "  ".join("─" * max(width, 1) for width in widths))
    text = "\n".join(lines)
    return Rich(text, (Span("pre", 0, len(text)),))


def _columns(row: Sequence[Rich], widths: Sequence[int]) -> str:
    cells = [
        cell.text + " " * (width - _width(cell.text))
        for cell, width in zip(row, widths, strict=False)
    ]
    return "  ".join(cells).rstrip()


def _lines(rows: Sequence[Sequence[Rich]]) -> Rich:
    head, *body = rows
    writer = Writer()
    seen = [
        any(column < len(row) and row[column].text for row in body) for column in range(len(head))
    ]
    for row in body or [[]]:
        writer.gap(2)
        for column in range(max(len(row), len(head))):
            name = head[column] if column < len(head) else Rich("")
            cell = row[column] if column < len(row) else Rich("")
            if not cell.text and (not name.text or seen[column]):
                continue
            writer.append(name)
            if name.text:
                writer.write(": " if cell.text else ":")
            writer.append(cell)
            writer.gap(1)
    return writer.rich()


def _width(text: str) -> int:
    return sum(
        0
        if unicodedata.category(char) in {"Mn", "Me", "Cf"}
        else 1 + (unicodedata.east_asian_width(char) in {"W", "F"})
        for char in text
    )
