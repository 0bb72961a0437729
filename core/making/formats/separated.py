"""CSV as the spreadsheets of a person's country open it on a double click."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from core.making.request import Cell, Request

JOBS = ("make",)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    """UTF-8 with its mark, without which Excel reads another encoding. Where the decimal sign is
    a comma, semicolons part the cells."""
    request = Request.model_validate(arguments["request"])
    comma = arguments["language"] == "ru"
    (table,) = request.tables or []
    with Path(arguments["path"]).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";" if comma else ",", lineterminator="\r\n")
        writer.writerow([_text(name) for name in table.columns])
        for row in table.rows:
            cells = [*row, *[None] * (len(table.columns) - len(row))]
            writer.writerow([_written(cell, comma) for cell in cells])
    return {}


def _written(cell: Cell, comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _text(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    number = _plain(cell)
    return number.replace(".", ",") if comma else number


def _plain(number: float) -> str:
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return str(number)


def _text(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula is made text by an apostrophe."""
    if cell.lstrip(" \xa0").startswith(_FORMULA) and not _NUMBER.fullmatch(cell.strip()):
        return f"'{cell}"
    return cell
