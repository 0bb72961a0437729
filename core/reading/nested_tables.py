"""Tables of text documents while they are read: cells fill, rows end, tables stand in cells."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.reading import TEXT_CHARACTERS, markdown

COLUMNS = 100


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=lambda: [[""]])
    cell: int = 0
    size: int = 0


class NestedTables:
    """A table within a cell becomes text of that cell: Markdown has no other place for it.

    What would make a table longer than any extract may be is not gathered.
    """

    def __init__(self) -> None:
        self._open: list[_Table] = []

    @property
    def inside(self) -> bool:
        return bool(self._open)

    def start_table(self) -> None:
        self._open.append(_Table())

    def start_row(self) -> None:
        if table := self._growing(1):
            table.rows.append([])

    def start_cell(self) -> None:
        table = self._growing(1)
        if table and len(table.rows[-1]) < COLUMNS:
            table.rows[-1].append("")
            table.cell = len(table.rows[-1]) - 1

    def widen(self, columns: int) -> None:
        """The cell at hand is so many columns wide."""
        if self._open:
            cells = self._open[-1].rows[-1]
            cells.extend([""] * min(columns - 1, COLUMNS - len(cells)))

    def add(self, text: str) -> None:
        """Into the cell at hand."""
        table = self._growing(len(text))
        if table and text:
            cells = table.rows[-1] or [""]
            at = min(table.cell, len(cells) - 1)
            cells[at] = f"{cells[at]} {text}" if cells[at] else text
            table.rows[-1] = cells

    def end_table(self) -> str:
        """The outermost table as Markdown; nothing for one that went into a cell."""
        if not self._open:
            return ""
        rows = self._open.pop().rows
        if not self._open:
            return markdown.table(rows)
        self.add("; ".join(filter(None, (", ".join(filter(None, cells)) for cells in rows))))
        return ""

    def _growing(self, by: int) -> _Table | None:
        if not self._open:
            return None
        table = self._open[-1]
        table.size += by
        return table if table.size <= 2 * TEXT_CHARACTERS else None
