"""The tool `create_document`: what the model sees, what it may ask for, what it is told."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.isolated import JobFailed, JobRefused
from core.making import NotMade
from core.making.maker import DocumentMaker
from core.making.names import file_name
from core.making.request import Chart, Event, Request, Series, Table
from tests.unit.making_jobs import InThisProcess, Refusing, make

CHART = {"kind": "bar", "labels": ["a"], "series": [{"name": "s", "values": [1]}], "unit": None}
TABLE = {"name": "T", "columns": ["a", "b"], "rows": [["x", 1]]}
EVENT = {"title": "Созвон", "start": "2026-12-01T10:00"}


def tool() -> Any:
    return DocumentMaker(InThisProcess()).tool("ru")


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for each in schema.values():
            yield from objects(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from objects(each)


def test_the_schema_is_strict_and_the_same_in_every_language() -> None:
    maker = DocumentMaker(InThisProcess())
    schema = maker.tool("ru").parameters
    assert maker.tool("en").parameters == schema
    found = list(objects(schema))
    assert len(found) == 5
    for each in found:
        assert each["required"] == list(each["properties"])
        assert each["additionalProperties"] is False


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (Request, ()),
        (Table, ("tables", "items")),
        (Event, ("events", "items")),
        (Chart, ("chart",)),
        (Series, ("chart", "series", "items")),
    ],
)
def test_what_is_offered_is_what_is_understood(model: Any, path: tuple[str, ...]) -> None:
    schema: Any = tool().parameters
    for step in path:
        schema = schema.get("properties", schema)[step]
    assert set(schema["properties"]) == set(model.model_fields)


def test_the_description_speaks_the_language_of_the_person() -> None:
    maker = DocumentMaker(InThisProcess())
    ru, en = maker.tool("ru").description, maker.tool("en").description
    assert re.search("[а-я]{5}", ru)
    assert not re.search("[а-я]", en)
    for name in ("pdf", "docx", "md", "xlsx", "csv", "ics", "png"):
        assert name in ru
        assert name in en
    assert maker.tool("de").description == en


@pytest.mark.parametrize(
    ("format", "arguments", "mime"),
    [
        ("md", {"content": "x"}, "text/markdown"),
        ("docx", {"content": "x"}, "application/vnd.openxmlformats-officedocument.wordprocessing"),
        ("pdf", {"content": "x"}, "application/pdf"),
        ("xlsx", {"tables": [TABLE]}, "application/vnd.openxmlformats-officedocument.spreadsheet"),
        ("csv", {"tables": [TABLE]}, "text/csv"),
        ("ics", {"events": [EVENT]}, "text/calendar"),
        ("png", {"chart": CHART}, "image/png"),
    ],
)
def test_every_format_is_made_in_the_folder_given(
    tmp_path: Path, format: str, arguments: dict[str, Any], mime: str
) -> None:
    made = make(tmp_path, format=format, name="План на май", caption=" **Вот** ", **arguments)
    assert made.path.parent == tmp_path
    assert made.path.stat().st_size > 0
    assert made.name == f"План на май.{format}"
    assert made.mime.startswith(mime)
    assert made.caption == "**Вот**"


def test_two_files_of_one_name_stand_side_by_side(tmp_path: Path) -> None:
    paths = {make(tmp_path, format="md", content=text).path for text in ("один", "два")}
    assert len(paths) == 2


def test_a_long_caption_is_cut(tmp_path: Path) -> None:
    caption = make(tmp_path, format="md", content="x", caption="ы" * 2000).caption
    assert len(caption) == 900
    assert caption.endswith("…")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"format": "doc", "content": "x"}, r"format: .*'docx'"),
    ({"content": "x"}, "format: Field required"),
    ({"format": "pdf", "content": " \n"}, "pdf needs content"),
    ({"format": "pdf", "content": "x" * 100_001}, "content: has 100001 characters, at most 100000"),
    ({"format": "md", "name": "///", "content": "x"}, "name: give the file a name"),
    ({"format": "xlsx", "tables": []}, "xlsx needs tables"),
    ({"format": "csv", "tables": [TABLE, TABLE]}, "choose xlsx"),
    ({"format": "xlsx", "tables": [TABLE] * 21}, "tables: .*at most 20"),
    ({"format": "xlsx", "tables": [{**TABLE, "rows": [[1, 2, 3]]}]}, "row 1 has 3 cells.* 2 col"),
    ({"format": "xlsx", "tables": [{**TABLE, "rows": [[1]] * 5001}]}, "at most 5000"),
    ({"format": "xlsx", "tables": [{**TABLE, "rows": [[1]] * 300}] * 20}, "more than 5000 rows"),
    ({"format": "xlsx", "tables": [{**TABLE, "rows": [["x" * 8001]]}]}, "at most 8000 characters"),
    ({"format": "xlsx", "tables": [{**TABLE, "rows": [[{"a": 1}]]}]}, "text, a number or null"),
    ({"format": "xlsx", "tables": [{**TABLE, "columns": []}]}, r"tables\.0\.columns"),
    ({"format": "ics"}, "ics needs events"),
    ({"format": "ics", "events": [EVENT] * 201}, "events: .*at most 200"),
    (
        {"format": "ics", "events": [{**EVENT, "start": "завтра"}]},
        r"start: write it as 2026-12-31T",
    ),
    ({"format": "ics", "events": [{**EVENT, "end": "2026-11-30T10:00"}]}, "end is before start"),
    ({"format": "ics", "events": [{**EVENT, "until": "2026-11-30"}]}, "until is before start"),
    ({"format": "ics", "events": [{**EVENT, "repeat": "hourly"}]}, r"repeat: .*'daily'"),
    ({"format": "png"}, "png needs chart"),
    ({"format": "png", "chart": {**CHART, "labels": ["a", "b"]}}, "1 values for 2 labels"),
    ({"format": "png", "chart": {**CHART, "series": [CHART["series"]] * 13}}, "at most 12"),
    ({"format": "png", "chart": {**CHART, "kind": "pie", "series": [{"values": [-1]}]}}, "a pie"),
    ({"format": "png", "chart": {**CHART, "series": [{"values": [None]}]}}, "no value at all"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=[told for _, told in WRONG])
def test_wrong_arguments_are_told_so_that_they_can_be_corrected(
    tmp_path: Path, arguments: dict[str, Any], told: str
) -> None:
    with pytest.raises(NotMade, match=told) as raised:
        make(tmp_path, **arguments)
    assert len(str(raised.value)) < 1000
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "null",
        "[]",
        '"md"',
        '{"format": "md", "name": "x", "content": "',
        "[" * 100_000,
        '{"format": "md", "name": "x", "content": ' + "9" * 5000 + "}",
        '{"format": "xlsx", "name": "x", "tables": [{"columns": ["a"], "rows": [[NaN]]}]}',
        '{"format": "png", "name": "x", "chart": {"kind": "bar", "labels": ["a"], "series":'
        ' [{"name": "", "values": [Infinity]}]}}',
        " " * 1_000_001,
    ],
    ids=range(10),
)
async def test_garbage_is_no_file_and_no_crash(tmp_path: Path, arguments: str) -> None:
    maker = DocumentMaker(InThisProcess())
    with pytest.raises(NotMade, match="No file was made"):
        await maker.make(arguments, tmp_path, language="ru", zone=UTC)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (JobFailed("memory"), "too large"),
        (JobFailed("time"), "too long"),
        (JobFailed("crash"), "another format"),
        (JobRefused("letters"), "docx"),
        (JobRefused("unheard_of"), "another format"),
    ],
)
async def test_a_failed_job_is_told_in_words(tmp_path: Path, error: Exception, told: str) -> None:
    maker = DocumentMaker(Refusing(error))
    words = json.dumps({"format": "md", "name": "x", "content": "x"})
    with pytest.raises(NotMade, match=told):
        await maker.make(words, tmp_path, language="ru", zone=UTC)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("План на май", "План на май.pdf"),
        ("plan.pdf", "plan.pdf"),
        ("plan.PDF", "plan.pdf"),
        ("v1.2 итог", "v1.2 итог.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ("C:\\Windows\\x", "C-Windows-x.pdf"),
        ("...скрытый", "скрытый.pdf"),
        ("CON", "_CON.pdf"),
        ("com1.tar", "_com1.tar.pdf"),
        ("a\x00b\nc\u202egpj.exe", "a b c gpj.exe.pdf"),
        ("и\u0306", "й.pdf"),
        ("ы" * 200, "ы" * 80 + ".pdf"),
        ("📌 важное", "📌 важное.pdf"),
        ("...", None),
        ("\u200b", None),
        (".pdf", "pdf.pdf"),
    ],
)
def test_names_are_safe_to_keep_anywhere(wanted: str, expected: str | None) -> None:
    assert file_name(wanted, "pdf") == expected


@given(st.text(max_size=200))
def test_no_name_leads_out_of_a_folder(wanted: str) -> None:
    name = file_name(wanted, "pdf")
    if name is None:
        return
    assert name.endswith(".pdf")
    assert len(name) <= 84
    assert not re.search(r'[/\\:*?"<>|]', name)
    assert name[0] not in ". "
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in name)
    assert file_name(name, "pdf") == name


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-3, minutes=-30))])
def test_zones_without_a_name_are_taken(tmp_path: Path, zone: Any) -> None:
    text = make(tmp_path, zone=zone, format="ics", events=[EVENT]).path.read_text()
    assert f"DTSTART:20261201T{'1000' if zone is UTC else '1330'}00Z" in text
