"""Tables: numbers stay numbers, dates become dates, and no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.unit.making_jobs import made_bytes, make

BUDGET = {
    "name": "Бюджет",
    "columns": ["Дата", "Статья", "Сумма, ₽", "Доля"],
    "rows": [
        ["2026-12-01", "Аренда", 45000, 0.5],
        ["2026-12-02T10:30", "Глина", -120.25, None],
        ["2026-13-45", "0012", 10**20, True],
        [None, ""],
    ],
}
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", '=HYPERLINK("http://e.org")',
            "=cmd|' /C calc'!A0", "＝1+1", "-2+3+cmd", "+7999+1"]  # fmt: skip


def sheets(*tables: Any, language: str = "ru") -> CalamineWorkbook:
    data = made_bytes(format="xlsx", language=language, tables=list(tables))
    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def lines(table: Any, language: str = "ru") -> list[list[str]]:
    data = made_bytes(format="csv", language=language, tables=[table])
    text = data.decode("utf-8-sig")
    assert data.startswith(b"\xef\xbb\xbf")
    return [*csv.reader(io.StringIO(text, newline=""), delimiter=";" if language == "ru" else ",")]


def test_cells_of_a_sheet_have_their_kinds() -> None:
    rows = sheets(BUDGET).get_sheet_by_name("Бюджет").to_python()
    assert (
        rows
        == [
            ["Дата", "Статья", "Сумма, ₽", "Доля"],
            [date(2026, 12, 1), "Аренда", 45000, 0.5],
            [datetime(2026, 12, 2, 10, 30), "Глина", -120.25, ""],
            ["2026-13-45", "0012", "100000000000000000000", True],
            ["", "", "", ""],
        ][: len(rows)]
    )


def test_a_sheet_is_ready_to_work_with(tmp_path: Path) -> None:
    made = make(tmp_path, format="xlsx", tables=[BUDGET], title="Деньги")
    with zipfile.ZipFile(made.path) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        styles = package.read("xl/styles.xml").decode()
        core = package.read("docProps/core.xml").decode()
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:D5"/>' in sheet
    assert len(re.findall("<col ", sheet)) == 4
    assert "<b/>" in styles
    assert 'formatCode="dd.mm.yyyy"' in styles
    assert "<dc:title>Деньги</dc:title>" in core
    assert "<dc:creator></dc:creator>" in core


def test_the_name_of_a_sheet_is_cut_where_excel_cuts_it() -> None:
    rockets = {"name": "План " + "🚀" * 20, "columns": ["a"], "rows": [["1"]]}
    assert sheets(rockets, rockets).sheet_names == [
        "План " + "🚀" * 13,
        "План " + "🚀" * 9 + " (2)",
    ]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_text_is_a_formula(tmp_path: Path, cell: str) -> None:
    table = {"name": cell, "columns": [cell], "rows": [[cell]]}
    made = make(tmp_path, format="xlsx", tables=[table])
    with zipfile.ZipFile(made.path) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        names = package.namelist()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not any("externalLink" in name for name in names)
    for (read,) in lines(table):
        assert read.startswith("'")


@pytest.mark.parametrize(
    ("cell", "ru", "en"),
    [
        (-5, "-5", "-5"),
        (-1.5, "-1,5", "-1.5"),
        (2.0, "2", "2"),
        ("-5", "-5", "-5"),
        ("+79991234567", "+79991234567", "+79991234567"),
        ("-1,5", "-1,5", "-1,5"),
        (True, "TRUE", "TRUE"),
        (None, "", ""),
        ('a;b"c\nd', 'a;b"c\nd', 'a;b"c\nd'),
        ("2026-12-01", "2026-12-01", "2026-12-01"),
    ],
)
def test_cells_of_csv(cell: Any, ru: str, en: str) -> None:
    table = {"name": "", "columns": ["к"], "rows": [[cell]]}
    assert lines(table, "ru")[1:] == [[ru]]
    assert lines(table, "en")[1:] == [[en]]


def test_short_rows_are_filled_up() -> None:
    assert lines({"name": "", "columns": ["а", "б", "в"], "rows": [[1], []]}) == [
        ["а", "б", "в"], ["1", "", ""], ["", "", ""],
    ]  # fmt: skip


def test_sheets_have_names_that_are_valid_and_their_own() -> None:
    wanted = ["Год: 2026/27", "год 2026 27", "", "History", "ы" * 40, "ы" * 40, "'x'", "A (9)", "A",
              "A", "a"]  # fmt: skip
    book = sheets(*({"name": name, "columns": ["x"], "rows": []} for name in wanted))
    names = book.sheet_names
    assert names[0] == "Год 2026 27"
    assert len({name.casefold() for name in names}) == len(wanted)
    for name in names:
        assert 0 < len(name) <= 31
        assert not re.search(r"[\[\]:*?/\\]|^'|'$|^history$", name, re.IGNORECASE)


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30), st.sampled_from(FORMULAS), st.dates().map(str), st.datetimes().map(str),
)  # fmt: skip
TABLES = st.builds(
    dict,
    name=st.text(max_size=40),
    columns=st.lists(st.text(max_size=20), min_size=3, max_size=3),
    rows=st.lists(st.lists(CELLS, max_size=3), max_size=6),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables=st.lists(TABLES, min_size=1, max_size=3))
def test_any_cells_become_a_workbook(tables: list[Any]) -> None:
    book = sheets(*tables)
    assert len(book.sheet_names) == len(tables)
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=TABLES, language=st.sampled_from(["ru", "en"]))
def test_any_cells_become_csv_without_formulas(table: Any, language: str) -> None:
    read = lines(table, language)
    assert len(read) == len(table["rows"]) + 1
    for cell in (cell for line in read for cell in line):
        assert not re.match(r"\s*[=+@＝＋－＠]", cell)
        assert not cell.lstrip().startswith("-") or re.fullmatch(
            r"-\d+([.,]\d+)?(e[+-]?\d+)?", cell.strip()
        )
