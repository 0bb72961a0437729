"""Text files: encodings, tables with delimiters, cleaning."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading import TEXT_CHARACTERS
from core.reading.delimited import find_delimiter
from core.reading.encodings import decode
from core.reading.extract import Extract, Full, clean
from tests.unit.reading_samples import RUSSIAN
from tests.unit.test_reading_documents import read, refusal

WORDS = [word.strip(".,—: ") for word in RUSSIAN.split() if len(word) > 2]


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1251",
        "koi8-r",
        "cp866",
    ],
)
async def test_russian_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = RUSSIAN.replace("—", "-")
    found = await read(tmp_path, text.encode(encoding), "заметка.txt", "text/plain")
    assert (found.format, found.text, found.whole) == ("text", text, True)


@given(words=st.lists(st.sampled_from(WORDS), min_size=5, unique=True), shouted=st.booleans())
def test_cp1251_and_koi8_are_told_apart(words: list[str], shouted: bool) -> None:
    text = " ".join(words)
    text = text.upper() if shouted and len(words) > 9 else text
    assert decode(text.encode("cp1251")) == text
    assert decode(text.encode("koi8-r")) == text


@pytest.mark.parametrize(
    "text",
    ["Übermäßig schöne Grüße aus Köln", "Où est la bibliothèque, s'il vous plaît ?", "naïve café"],
)
def test_western_text_is_not_taken_for_russian(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_ukrainian() -> None:
    text = "Її мрія — жити біля моря, і вона вже зробила перший крок."
    assert decode(text.encode("cp1251")) == text


def test_utf8_with_a_damaged_place_stays_utf8() -> None:
    data = RUSSIAN.encode()
    assert decode(data[:14] + b"\xff" + data[14:]) == f"{RUSSIAN[:7]}\ufffd{RUSSIAN[7:]}"


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    assert decode(b"\xef\xbb\xbf" + text.encode()) == text


@given(st.binary(max_size=2000))
def test_any_bytes_are_text_or_not(data: bytes) -> None:
    text = decode(data)
    assert text is None or isinstance(text, str)


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\x7fELF\x02\x01\x01" + b"\0" * 99,
        b"\x1f\x8b\x08" + bytes(range(200)),
    ],
)
async def test_binary_is_no_text(tmp_path: Path, data: bytes) -> None:
    assert await refusal(tmp_path, data, "заметка.txt") == "unsupported"


async def test_source_code_stays_as_it_is(tmp_path: Path) -> None:
    code = 'def main():\n\tprint("{a: 1}")\n\n\nif True:\n    main()'
    found = await read(tmp_path, code.encode(), "main.py", "text/x-python")
    assert (found.format, found.text) == ("text", code)


async def test_long_text_is_cut(tmp_path: Path) -> None:
    found = await read(tmp_path, ("я" * 99 + "\n").encode() * 100_000)
    assert len(found.text) <= TEXT_CHARACTERS
    assert len(found.text) > TEXT_CHARACTERS - 200
    assert not found.whole


async def test_text_that_just_fits_is_whole(tmp_path: Path) -> None:
    found = await read(tmp_path, b"x" * TEXT_CHARACTERS)
    assert (len(found.text), found.whole) == (TEXT_CHARACTERS, True)


async def test_csv_of_a_russian_excel(tmp_path: Path) -> None:
    data = 'Статья;Сумма\r\n"Аренда; свет";45,5\r\nИтог;=SUM(B2)\r\n=cmd|x;1'.encode("cp1251")
    found = await read(tmp_path, data, "расходы.CSV")
    assert found.format == "csv"
    assert found.text == (
        "| Статья | Сумма |\n|---|---|\n| Аренда; свет | 45,5 |\n| Итог | =SUM(B2) |\n"
        "| =cmd\\|x | 1 |"
    )


async def test_csv_by_its_mime(tmp_path: Path) -> None:
    found = await read(tmp_path, b"a,b\n1,2\n", "без имени", "text/csv; charset=utf-8")
    assert (found.format, found.text) == ("csv", "| a | b |\n|---|---|\n| 1 | 2 |")


async def test_csv_with_a_quote_nobody_closes(tmp_path: Path) -> None:
    data = 'имя;возраст\nАня;30\nПётр;40\nБорис;"31\n' + "Вера;32\n" * 30_000
    found = await read(tmp_path, data.encode(), "люди.csv")
    assert "| Аня | 30 |" in found.text


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b;c\n1,5;2,5;3,5\n", ";"),
        ("a,b\n1,2\n3,4\n", ","),
        ("a\tb\n1, 2\t3\n", "\t"),
        ("просто слова\nи ещё слова\n", None),
        ("", None),
    ],
)
def test_delimiters(text: str, delimiter: str | None) -> None:
    assert find_delimiter(text) == delimiter


def test_cleaning() -> None:
    dirty = "а\0б\r\nв\rг\x1b[31mд\x1b[0m\u2028е\ud800ж\ufeff\x07\tз\x85и\ufffe"
    assert clean(dirty) == "аб\nв\nгд\nеж\tз\nи"


@given(st.lists(st.text(alphabet=st.characters(), max_size=60)), st.integers(1, 100))
def test_an_extract_is_clean_and_short(pieces: list[str], limit: int) -> None:
    extract = Extract(limit=limit)
    whole = True
    for piece in pieces:
        try:
            extract.add(piece)
        except Full:
            whole = False
            break
    text = extract.text()
    assert len(text) <= limit
    assert text.encode().decode() == text
    assert "\0" not in text
    assert "\r" not in text
    assert extract.whole == whole


async def test_nothing_to_read(tmp_path: Path) -> None:
    assert await refusal(tmp_path, b"") == "empty"
    assert await refusal(tmp_path, b" \r\n\t \n") == "no_text"
    assert await refusal(tmp_path, b"<html><body><img src=x></body></html>") == "no_text"
