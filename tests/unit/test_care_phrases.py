"""The list of phrases: what it must see, what it must pass over, and what must not fool it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.care.phrases import phrases, read_phrases

HERE = Path(__file__).parent
LANGUAGES = ("ru", "en")


def cases(language: str) -> Iterator[tuple[bool, str]]:
    """A line that begins with neither sign goes on with the one before."""
    said: list[str] = []
    for line in HERE.joinpath(f"care_cases.{language}.txt").read_text("utf-8").splitlines():
        if line[:2] in ("+ ", "- ") or not said:
            said.append(line)
        else:
            said[-1] += f"\n{line}"
    return ((each[0] == "+", each[2:]) for each in said)


ALL = [(language, *each) for language in LANGUAGES for each in cases(language)]
MEANT = [(language, text) for language, meant, text in ALL if meant]
HARMLESS = [(language, text) for language, meant, text in ALL if not meant]


@pytest.mark.parametrize(("language", "text"), MEANT)
def test_what_is_meant_is_seen(language: str, text: str) -> None:
    assert phrases(language).found_in(text)


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_a_way_of_speaking_is_passed_over(language: str, text: str) -> None:
    assert not any(phrases(each).found_in(text) for each in LANGUAGES)


def test_the_tables_are_long_enough() -> None:
    for language in LANGUAGES:
        assert sum(each == language for each, _ in MEANT) >= 60
        assert sum(each == language for each, _ in HARMLESS) >= 60


NEUTRAL = st.sampled_from(["Сегодня дождь.", "Good morning!", "Дом почти готов.", "", "Ok?"])


@given(st.sampled_from(MEANT), NEUTRAL, NEUTRAL, st.sampled_from([str.upper, str.lower, str.title]))
def test_neither_case_nor_what_stands_around_hides_it(
    case: tuple[str, str], before: str, after: str, cased
) -> None:
    language, text = case
    assert phrases(language).found_in(f"{before} {cased(text)}. {after}")


@given(st.sampled_from(HARMLESS), st.sampled_from(MEANT))
def test_a_figure_of_speech_hides_nothing_that_follows(
    harmless: tuple[str, str], meant: tuple[str, str]
) -> None:
    assert phrases(meant[0]).found_in(f"{harmless[1]}. {meant[1]}")


@given(
    st.sampled_from(["хочу умереть", "не хочу больше жить", "i want to die", "i am suicidal"]),
    st.sampled_from([" ", "  ", "\n", ", ", " — ", "… ", "...\n", " \u200b", "\u00a0"]),
    st.sampled_from(["", "\u0301", "\u200d", "\u00ad"]),
)
def test_neither_signs_nor_invisible_letters_hide_it(text: str, gap: str, inside: str) -> None:
    words = [word[0] + inside + word[1:] if len(word) > 1 else word for word in text.split()]
    assert any(phrases(language).found_in(gap.join(words)) for language in LANGUAGES)


@given(st.text(max_size=400))
def test_any_text_can_be_searched(text: str) -> None:
    for language in LANGUAGES:
        assert phrases(language).found_in(text) in (True, False)


@given(
    st.lists(
        st.sampled_from(["не", "хочу", "жить", "в", "так", "я", "i", "want", "to", "live", "in"]),
        max_size=400,
    )
)
def test_long_texts_of_the_same_words_are_searched_in_no_time(words: list[str]) -> None:
    text = " ".join(words)
    assert phrases("ru").found_in(text) in (True, False)


@pytest.mark.parametrize("text", ["a\u0301", "абвг", "абвг ", '"а', "'а ", "«а»", "хочу жить "])
def test_nobody_else_waits_for_a_text_of_any_kind(text: str) -> None:
    """It is searched where everybody's turns run."""
    started = time.process_time()
    phrases("ru").found_in(text * (16_000 // len(text)))
    assert time.process_time() - started < 0.5


def test_a_list_of_ones_own_is_read_and_a_slip_in_it_is_named() -> None:
    own = read_phrases("$a = red, light blue\n[the] $a ... balloon*\n! red toy balloon\n^ no\n")
    assert own.found_in("The light blue big old balloons!")
    assert not own.found_in("red toy balloon")
    assert not own.found_in("no red balloon")
    assert not read_phrases("").found_in("anything")
    with pytest.raises(ValueError, match="line 2"):
        read_phrases("red\n= what\n")
    with pytest.raises(ValueError, match=r"\$b"):
        read_phrases("$b balloon\n")
