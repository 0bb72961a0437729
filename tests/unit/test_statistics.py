"""The chart, the tables and the words of the numbers, without a database."""

from __future__ import annotations

import base64
import csv
import io
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from PIL import Image

from bot.texts import LANGUAGES, Texts
from bot.texts.numbers import change, dollars, number
from bot.texts.statistics import numbers_screen
from core.statistics import CallShare, DayCalls, Numbers, Spender, Spenders, Totals
from core.statistics.chart import draw
from core.statistics.drawing import ChartPanel, DaysChart
from core.statistics.plain import numbers_lines, spenders_lines
from core.statistics.tables import CALL_COLUMNS, calls_table, table
from tests.telegram import html_fault

TEXTS = Texts()
NARROW = "\u202f"
BLUE, PALE_BLUE = (0, 114, 178), (128, 185, 217)


def drawn(*panels: ChartPanel) -> Image.Image:
    chart = DaysChart(
        title="Числа по дням",
        subtitle="22.10 — 20.11, UTC",
        days=[f"{n:02}.11" for n in range(1, len(panels[0].values) + 1)],
        panels=panels,
        thousands="тыс.",
        millions="млн",
        billions="млрд",
        language="ru",
    )
    return Image.open(io.BytesIO(base64.b64decode(draw(asdict(chart))["png"]))).convert("RGB")


def pixels(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    return {c: n for n, c in picture.getcolors(1 << 24) or []}.get(colour, 0)


def panel(*values: float, money: bool = False) -> ChartPanel:
    return ChartPanel("Люди", "всего", values, money)


@pytest.mark.parametrize(
    "values",
    [[0] * 30, [5], [0] * 29 + [3], [2.5e10] * 7, [0.001] * 7, [*range(366)], [7, 9000, *[5] * 28]],
)
def test_any_days_make_a_picture_for_a_phone(values: list[float]) -> None:
    picture = drawn(panel(*values), panel(*values, money=True))
    assert picture.width == 1152
    assert 0.5 < picture.width / picture.height < 2
    # Nothing runs out of the picture: its rim is paper.
    rim = [(x, y) for x in (0, picture.width - 1) for y in range(picture.height)]
    assert {picture.getpixel(place) for place in rim} == {(255, 255, 255)}
    assert (pixels(picture, BLUE) + pixels(picture, PALE_BLUE) > 1000) == any(values)


def test_today_is_paler_for_it_is_not_over() -> None:
    picture = drawn(panel(5, 5))
    assert pixels(picture, BLUE) == pytest.approx(pixels(picture, PALE_BLUE), rel=0.02)


def test_one_huge_day_leaves_the_others_to_be_seen() -> None:
    usual = drawn(panel(*[50] * 29, 0))
    huge = drawn(panel(*[50] * 10, 50_000, *[50] * 18, 0))
    assert pixels(huge, BLUE) > pixels(usual, BLUE) / 3


def test_numbers_as_each_language_writes_them() -> None:
    ru, en = TEXTS.words("ru"), TEXTS.words("en")
    assert number(1_234_567, ru) == f"1{NARROW}234{NARROW}567"
    assert number(1_234_567, en) == "1,234,567"
    assert number(2.25, ru, 1) == "2,2"
    shown = {"0": "$0.00", "0.42": "$0.42", "0.0034": "$0.0034", "0.00999": "$0.0100",
             "12345.678": "$12,345.68"}  # fmt: skip
    assert {usd: dollars(Decimal(usd), en) for usd in shown} == shown
    assert dollars(Decimal("1234.5"), ru) == f"$1{NARROW}234,50"


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (0, 0, ""),
        (5, 5, ""),
        (5, 0, " ▲"),
        (0, 5, " ▼ 100%"),
        (112, 100, " ▲ 12%"),
        (1001, 1000, " ▲"),
        (50, 5, " ▲ ×10"),
        (Decimal("1.5"), Decimal("3"), " ▼ 50%"),
    ],
)
def test_how_much_more_or_less(now: float, before: float, told: str) -> None:
    assert change(now, before, TEXTS.words("en")) == told


def test_no_cell_of_a_table_is_a_formula_and_none_breaks_its_row() -> None:
    names = ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "a;b,c", 'quo"te', "two\nlines", "＝1"]
    calls = [
        DayCalls(date(2026, 11, 20), name, "dialogue", 1, 2, 3, 5, Decimal("0.5"), 0)
        for name in names
    ]
    for comma in (True, False):
        written = calls_table(calls, comma=comma).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(written), delimiter=";" if comma else ","))
        assert rows[0] == list(CALL_COLUMNS)
        assert [row[1].removeprefix("'") for row in rows[1:]] == names
        assert [row[1].startswith("'") for row in rows[1:]] == [
            name.strip()[0] in "=+-@＝" for name in names
        ]
        assert {row[7] for row in rows[1:]} == {"0,5" if comma else "0.5"}


def test_small_and_missing_values_of_a_table() -> None:
    cells = (None, Decimal("0.0000001"), 1.25, 0, date(2026, 1, 2))
    assert table(["a"], [cells], comma=False).endswith(b"\r\n,0.0000001,1.25,0,2026-01-02\r\n")


def numbers(share: CallShare) -> Numbers:
    now = Totals(1, 2, 3, 4, 5, 6, 7.0, 8.0, 90, 30, 9, Decimal("1.5"), 2, 3, 1)
    before = Totals(0, 0, 0, 0, 0, 0, None, None, 0, 0, 0, None, 0, 0, 0)
    at = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    return Numbers(date(2026, 11, 14), at.date(), at, True, now, before, 1, (share,) * 20, (share,))


@pytest.mark.parametrize("language", LANGUAGES)
def test_foreign_names_stay_on_their_line(language: str) -> None:
    share = CallShare("<b>gpt\n\u202e&" + "x" * 200, 1, 2, None, 1)
    said = numbers_screen(numbers(share), 7, TEXTS.words(language))
    assert html_fault(said) is None
    assert len(said) < 4096
    assert "\u202e" not in said
    assert "👍 <b>3</b> ▲" in said
    lines = numbers_lines(numbers(share))
    assert all(line.isprintable() for line in lines)
    spender = Spender("id", "0" * 16, "A\x1b[2J\nB", 10, None)
    assert all(line.isprintable() for line in spenders_lines(Spenders((spender,), 1)))
