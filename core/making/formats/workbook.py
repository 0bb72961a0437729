"""XLSX: one sheet for each table, ready to filter and to count with."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, cast

import xlsxwriter

from core.making.request import Cell, Request, Table

JOBS = ("make",)

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?")
_DATE_FORMATS = {"ru": ("dd.mm.yyyy", "dd.mm.yyyy hh:mm")}
_SHEET_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_WIDEST = 60
_EXACT = 10**15


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    request = Request.model_validate(arguments["request"])
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with cast("Any", xlsxwriter).Workbook(arguments["path"], options) as book:
        book.set_properties({"title": request.title})
        formats = _formats(book, str(arguments["language"]))
        taken: set[str] = set()
        for number, table in enumerate(request.tables or (), 1):
            _write_sheet(book.add_worksheet(_sheet_name(table.name, number, taken)), table, formats)
    return {}


def _formats(book: Any, language: str) -> dict[str, Any]:
    day, moment = _DATE_FORMATS.get(language, ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
    common = {"valign": "top"}
    head = {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E6EEF0"}
    return {
        "head": book.add_format({**head, "bottom": 1, "bottom_color": "#2F6F7E"}),
        "text": book.add_format({**common, "text_wrap": True}),
        "number": book.add_format(common),
        "grouped": book.add_format({**common, "num_format": "#,##0"}),
        "fraction": book.add_format({**common, "num_format": "#,##0.00"}),
        "date": book.add_format({**common, "num_format": day, "align": "left"}),
        "moment": book.add_format({**common, "num_format": moment, "align": "left"}),
    }


def _write_sheet(sheet: Any, table: Table, formats: dict[str, Any]) -> None:
    last_row, last_column = len(table.rows), len(table.columns) - 1
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, name, formats["head"])
        # The button of the filter stands at the end of the head.
        width = max(len(name) + 4, *(_width(row, column) for row in table.rows), 9)
        sheet.set_column(column, column, min(width + 2, _WIDEST))
    numbers = [formats[_number_format(table, column)] for column in range(last_column + 1)]
    for number, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            _write_cell(sheet, number, column, cell, {**formats, "number": numbers[column]})
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})
    if last_row:
        sheet.autofilter(0, 0, last_row, last_column)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    if last_column >= 6:
        sheet.set_landscape()


def _number_format(table: Table, column: int) -> str:
    """Years and small counts stay bare; sums are grouped."""
    cells = (row[column] for row in table.rows if column < len(row))
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    if any(number != round(number, 2) for number in numbers):
        return "number"
    if any(number != int(number) for number in numbers):
        return "fraction"
    return "grouped" if any(abs(number) >= 10_000 for number in numbers) else "number"


def _width(row: list[Cell], column: int) -> int:
    cell = row[column] if column < len(row) else None
    return max((len(line) for line in str("" if cell is None else cell).split("\n")), default=0)


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, formats["text"])
    elif isinstance(cell, int | float) and abs(cell) < _EXACT:
        sheet.write_number(row, column, cell, formats["number"])
    elif moment := _moment(cell):
        kind = "moment" if isinstance(moment, datetime) else "date"
        sheet.write_datetime(row, column, moment, formats[kind])
    elif cell is not None and cell != "":
        sheet.write_string(row, column, str(cell), formats["text"])


def _moment(cell: Cell) -> date | None:
    """The calendar of spreadsheets begins in 1900, with a day that never was."""
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    try:
        if _DATE.fullmatch(text):
            found: date = date.fromisoformat(text)
        elif _MOMENT.fullmatch(text):
            found = datetime.fromisoformat(text)
        else:
            return None
    except ValueError:
        return None
    return found if found.year > 1900 else None


def _sheet_name(wanted: str, number: int, taken: set[str]) -> str:
    """At most 31 UTF-16 units, unlike any other whatever the case, no apostrophe at an end."""
    name = _SHEET_FORBIDDEN.sub(" ", wanted)
    name = _cut(" ".join(name.split()).strip("'"), 31).strip(" '") or str(number)
    while name.casefold() in taken or name.casefold() == "history":
        name = f"{_cut(name, 24).rstrip()} ({number})"
        number += 1
    taken.add(name.casefold())
    return name


def _cut(text: str, units: int) -> str:
    """Excel counts UTF-16 units; a pair that would be halved goes whole."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
