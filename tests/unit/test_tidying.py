"""What is left of an answer that broke off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dialogue.tidying import open_marks, tidied


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
def test_whatever_breaks_off_leaves_little_behind_and_adds_little(text: str) -> None:
    result = tidied(text)
    assert len(result) <= len(text.rstrip()) + 12
    kept = "".join(letter for letter in result if letter in "аб.")
    assert "".join(letter for letter in text if letter in "аб.").startswith(kept)


@given(st.lists(st.sampled_from(["слово ", "**жирно** ", "**", "`", "```\n", "~~"]), max_size=12))
def test_no_mark_stays_open(parts: list[str]) -> None:
    assert open_marks(tidied("".join(parts) + "конец. ")) == []
