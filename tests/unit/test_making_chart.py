"""Charts: a picture for a phone, whatever the words and numbers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.making import NotMade
from core.making.formats.chart_look import COLOURS, number_text, short
from tests.unit.making_jobs import made_bytes

KINDS = ["line", "bar", "horizontal_bar", "stacked_bar", "pie"]


def picture(title: str = "Доход", **chart: Any) -> Image.Image:
    image = Image.open(io.BytesIO(made_bytes(format="png", title=title, chart=chart)))
    assert image.format == "PNG"
    return image.convert("RGB")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_at_the_size_of_a_phone(kind: str) -> None:
    series = [{"name": "Доход", "values": [3, 1, 2]}]
    image = picture(kind=kind, labels=["Январь", "Февраль", "Март"], series=series, unit="₽")
    assert image.size == (1280, 960)
    colours = {colour for _, colour in image.getcolors(1280 * 960) or []}
    assert tuple(bytes.fromhex(COLOURS[0][1:])) in colours
    corners = [image.getpixel(place) for place in ((0, 0), (1279, 0), (0, 959), (1279, 959))]
    assert corners == [(255, 255, 255)] * 4


def test_a_dollar_is_a_dollar() -> None:
    """Mathematics would refuse this, and draw it in other letters."""
    formula = "$\\frac{1}{$ и $x_1$"
    series = [{"name": formula, "values": [1]}, {"name": "b", "values": [2]}]
    for kind in KINDS[:4]:
        picture(formula, kind=kind, labels=[formula], series=series, unit="$")


@pytest.mark.parametrize("kind", KINDS[:4])
def test_long_words_stay_on_the_picture(kind: str) -> None:
    long = "ы" * 60
    image = picture(
        " ".join([long] * 4), kind=kind, unit="у" * 40, labels=[long, long * 2],
        series=[{"name": long, "values": [1e15, 0]}, {"name": "ещё", "values": [5, 1e15]}],
    )  # fmt: skip
    edges = [image.crop(box) for box in ((0, 0, 3, 960), (1277, 0, 1280, 960), (0, 957, 1280, 960))]
    assert all(edge.getextrema() == ((255, 255),) * 3 for edge in edges)


def test_letters_without_a_font_are_refused_and_emoji_are_not() -> None:
    series = [{"name": "Цель 🎯", "values": [1]}]
    picture("🔥 Да", kind="line", labels=["✅"], series=series)
    with pytest.raises(NotMade, match="letters"):
        picture("你好", kind="line", labels=["a"], series=series)


@pytest.mark.parametrize(
    ("value", "ru", "en"),
    [
        (0, "0", "0"), (-0.0, "0", "0"), (5, "5", "5"), (1234567.5, "1 234 567,5", "1,234,567.5"),
        (-12000, "−12 000", "−12,000"), (0.1 + 0.2, "0,3", "0.3"), (1e-9, "1e−09", "1e−09"),
        (2.5e12, "2,5e+12", "2.5e+12"), (100, "100", "100"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_do(value: float, ru: str, en: str) -> None:
    assert number_text(value, "ru").replace("\u202f", " ") == ru
    assert number_text(value, "en") == en


@given(st.text(max_size=100), st.integers(2, 40), st.integers(1, 4))
def test_short_is_short(text: str, width: int, lines: int) -> None:
    shown = short(text, width, lines).split("\n")
    assert len(shown) <= lines
    assert all(len(line) <= width for line in shown)


NUMBERS = st.floats(-1e15, 1e15, allow_nan=False)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), kind=st.sampled_from(KINDS), count=st.integers(1, 12))
def test_any_numbers_become_a_picture_or_a_reason(data: Any, kind: str, count: int) -> None:
    values = st.lists(st.none() | NUMBERS, min_size=count, max_size=count)
    series = st.builds(dict, name=st.text(max_size=20), values=values)
    chart = {
        "kind": kind,
        "labels": data.draw(st.lists(st.text(max_size=20), min_size=count, max_size=count)),
        "series": data.draw(st.lists(series, min_size=1, max_size=4)),
        "unit": data.draw(st.text(max_size=10)),
    }
    try:
        made_bytes(format="png", title=data.draw(st.text(max_size=60)), chart=chart)
    except NotMade as reason:
        assert any(word in str(reason) for word in ("letters", "a pie", "no value", "below zero"))  # noqa: PT017
