"""The table of help lines, and which of them somebody is told."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from core.care import Care
from core.care.help_lines import country_of, read_help_lines
from core.care.phrases import phrases
from core.errors import Misconfigured

OWN = "ru\t112\tпомощь\thelp\thttps://example.org\t2026-01-01\n"
ALL = "*\tline.example\tвсем\tfor all\thttps://example.org\t2026-01-01\n"


@pytest.mark.parametrize(
    ("timezone", "language", "country"),
    [
        ("Europe/Moscow", "en", "RU"),
        ("Europe/Kiev", "ru", "UA"),
        ("Asia/Almaty", "ru", "KZ"),
        ("US/Eastern", "en", "US"),
        ("Asia/Calcutta", "en", "IN"),
        (None, "ru", "RU"),
        (None, "en", None),
        ("+05:00", "ru", "RU"),
        ("-05:00", "ru", None),
        ("+01:00", "en", None),
        ("Etc/Unknown", "ru", None),
    ],
)
def test_the_country_is_guessed(timezone: str | None, language: str, country: str | None) -> None:
    assert country_of(timezone, language) == country


def test_every_line_that_is_shown_has_a_source_and_a_date() -> None:
    shown = 0
    for row in files("core.care").joinpath("help_lines.tsv").read_text("utf-8").splitlines():
        if row.startswith("#") or row.endswith("\t-"):
            continue
        source, checked = row.split("\t")[4:]
        assert source.startswith("http")
        assert date.fromisoformat(checked) <= date(2026, 11, 20)
        shown += 1
    assert shown >= 25


def test_what_could_not_be_checked_is_not_shown() -> None:
    contacts = [line.contact for line in read_help_lines("").of("RU")]
    assert contacts == ["112", "8-800-2000-122", "findahelpline.com"]
    assert [line.contact for line in read_help_lines("").of("XX")] == ["112", "findahelpline.com"]


@pytest.mark.parametrize("timezone", ["Europe/Moscow", "Europe/London", "Asia/Tokyo", None])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_answer_itself_never_looks_like_danger(language: str, timezone: str | None) -> None:
    text = Care(read_help_lines("")).answer([], language, timezone)
    assert "$" not in text
    assert len(text) < 2000
    assert not any(phrases(each).found_in(text) for each in ("ru", "en"))


@pytest.mark.parametrize(
    ("words", "language", "spoken"),
    [
        ("Не хочу жить", "en", "ru"),
        ("I want to die", "ru", "en"),
        ("…", "ru", "ru"),
        ("", "en", "en"),
    ],
)
def test_it_speaks_the_language_of_the_words(words: str, language: str, spoken: str) -> None:
    text = Care(read_help_lines("")).answer([words], language, None)
    assert text.startswith({"ru": "Я слышу", "en": "I hear"}[spoken])


def test_an_own_table_replaces_the_one_that_comes_along(tmp_path: Path) -> None:
    table = tmp_path / "lines.tsv"
    table.write_text(f"\ufeff# ours\n{OWN}{ALL}", "utf-8")
    lines = read_help_lines(str(table)).of("RU")
    assert [(line.contact, line.about["en"]) for line in lines] == [
        ("112", "help"),
        ("line.example", "for all"),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (OWN, r"\*"),
        (f"{ALL}RU 112 помощь", "line 2"),
        (f"{ALL}RU\t\tпомощь\thelp\t\t-", "line 2"),
        (b"\xff\xfe", "can't be read"),
        (None, "can't be read"),
    ],
)
def test_a_table_that_can_not_be_used_stops_the_start(
    tmp_path: Path, content: str | bytes | None, complaint: str
) -> None:
    table = tmp_path / "lines.tsv"
    if content is not None:
        table.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(Misconfigured, match=complaint):
        read_help_lines(str(table))
