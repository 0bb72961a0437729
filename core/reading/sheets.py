"""XLSX, XLSB, XLS and ODS: the values of each sheet as a table.

A formula is never computed here: shown is the value that the program which saved the file put
beside it, and nothing where it put none.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from core.isolated import JobRefused
from core.reading import TEXT_CHARACTERS, markdown, sheet_sizes
from core.reading.extract import Extract

SHEETS = 50
ROWS = 20_000
COLUMNS = 100

Value = int | float | str | bool | time | date | datetime | timedelta


def read(path: Path, extract: Extract) -> None:
    """Each sheet under a heading with its name, hidden ones too; rows without values are left
    out."""
    sheet_sizes.check(path)
    # From an open file, because a path would be judged by its extension.
    with _library_errors(), path.open("rb") as file:
        workbook = CalamineWorkbook.from_filelike(file)
        titles = [
            sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet
        ]
    extract.parts = len(titles)
    extract.whole = len(titles) <= SHEETS
    damaged = 0
    for title in titles[:SHEETS]:
        try:
            with _library_errors():
                sheet = workbook.get_sheet_by_name(title)
                rows = list(_rows(sheet.iter_rows()))
                whole = sheet.height <= ROWS and sheet.width <= COLUMNS
        except JobRefused:
            damaged += 1
            extract.whole = False
            continue
        extract.add(f"## {markdown.cell(title)}\n\n{markdown.table(rows)}\n\n" if rows else "")
        extract.whole = extract.whole and whole
    if damaged and damaged == min(len(titles), SHEETS):
        raise JobRefused("broken")


def _rows(values: Iterator[list[Value]]) -> Iterator[list[str]]:
    """Not more of them than an extract may hold."""
    size = 0
    for line in islice(values, ROWS):
        cells = [shown(value) for value in line[:COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells
        size += sum(map(len, cells)) + 3 * len(cells)
        if size > TEXT_CHARACTERS:
            return


def shown(value: Value) -> str:
    match value:
        case str():
            return value[: markdown.CELL_CHARACTERS].strip()
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return f"{value:.15g}"
        case datetime():
            return _moment(value)
        case _:
            return str(value)


def _moment(value: datetime) -> str:
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")


@contextmanager
def _library_errors() -> Generator[None]:
    try:
        yield
    except PasswordError:
        raise JobRefused("locked") from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise JobRefused("broken") from None
    except BaseException as error:
        # A panic of Rust code is no `Exception`, and its class can't be imported.
        if type(error).__name__ == "PanicException":
            raise JobRefused("broken") from None
        raise
