"""Tables as Markdown, from cells that may hold anything."""

from __future__ import annotations

from collections.abc import Sequence

CELL_CHARACTERS = 2_000


def row(cells: Sequence[str], columns: int) -> str:
    """One line without its end. Shorter rows are filled up, longer ones cut."""
    shown = [cell(text) for text in cells[:columns]]
    shown.extend([""] * (columns - len(shown)))
    return f"| {' | '.join(shown)} |"


def rule(columns: int) -> str:
    """The line under the first row."""
    return f"|{'---|' * columns}"


def cell(text: str) -> str:
    return " ".join(text[:CELL_CHARACTERS].split()).replace("|", r"\|")


def table(rows: Sequence[Sequence[str]]) -> str:
    """A whole table, its first row as head; empty rows are left out."""
    kept = [cells for cells in rows if any(text.strip() for text in cells)]
    columns = max((len(cells) for cells in kept), default=0)
    if not columns:
        return ""
    lines = [row(cells, columns) for cells in kept]
    lines.insert(1, rule(columns))
    return "\n".join(lines)
