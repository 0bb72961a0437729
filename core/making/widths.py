"""How the columns of a table share the width of a page."""

from __future__ import annotations

from collections.abc import Sequence

from core.making.tree import Run, plain

_ROOM = 88
_WORD = 18
_LINE = 48


def column_shares(rows: Sequence[Sequence[tuple[Run, ...]]]) -> tuple[float, ...] | None:
    """One share for each column; None where the table fills less than half of the page, and
    stretching would tear it apart."""
    shares = [_share([row[column] for row in rows]) for column in range(len(rows[0]))]
    return tuple(shares) if sum(shares) > _ROOM / 2 else None


def _share(cells: list[tuple[Run, ...]]) -> float:
    texts = [plain(cell) for cell in cells]
    word = max((len(word) for text in texts for word in text.split()), default=0)
    line = max((len(line) for text in texts for line in text.split("\n")), default=0)
    usual = sum(map(len, texts)) / max(1, len(texts))
    return 3 + max(1.15 * min(word, _WORD), min(line, _LINE, 16 + usual / 2), 2)
