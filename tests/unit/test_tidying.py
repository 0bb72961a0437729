"""What is left of an answer that broke off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dialogue.tidying import tidied


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("Начнём с малого. Завтр", "Начнём с малого."),
        ("- раз\n- **Зачем", "- раз"),
        ("Вот **главное сло", "Вот **главное**"),
        ("Вот `код и", "Вот `код`"),
        ("```py\nprint(1)\npri", "```py\nprint(1)\n```"),
        ("Готово.", "Готово."),
        ("Слово", "Слово"),
        (
            "смотри https://example.org/a/very/long/address/of/a/page",
            "смотри https://example.org/a/very/long/address/of/a/page",
        ),
    ],
)
def test_half_words_and_open_marks_go(broken: str, whole: str) -> None:
    assert tidied(broken) == whole


@given(st.text(alphabet="аб *_`~\n.[(", max_size=60))
def test_something_said_stays_something_and_pairs_are_even(text: str) -> None:
    result = tidied(text)
    assert len(result) <= len(text) + 8
    for mark in ("```", "**", "~~"):
        assert result.count(mark) % 2 == 0
    if any(letter in "аб" for letter in text.split(maxsplit=1)[:1] and text.split(maxsplit=1)[0]):
        assert result.strip()
