"""What holds for every text a model may come up with."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.delivery.links import is_safe_link
from bot.delivery.text import Piece, preview, render

LIMITS = st.sampled_from([16, 64, 300, 4096])
SYNTAX = st.text(alphabet="абвё \n\t*_~`#>|-+=.:!<>[]{}\\1)\"'$^&😀👩\u200d\u0301\u05d0")
ANYTHING = st.one_of(st.text(), SYNTAX, st.text(alphabet=st.characters(categories=["C", "Z", "M"])))

WORDS = st.lists(st.text(alphabet="абвгд", min_size=1, max_size=12), min_size=1, max_size=9)
INLINE = st.sampled_from(
    ["{}", "**{}**", "*{}*", "`{}`", "~~{}~~", "[{}](https://x.y)", "***{}***"]
)
BLOCKS = [
    "{}",
    "# {}",
    "- {}\n  - {}",
    "1. {}\n2. {}",
    "> {}\n> {}",
    "```py\n{}\n```",
    "- [ ] {}",
    "{}\n---\n{}",
    "<b>\n{}\n</b>",
    "{}<br>{}",
]
TABLE = "| {} | {} |\n|---|---|\n| {} | {} | {} |\n| {} |"


@st.composite
def documents(draw: st.DrawFn, *more: str) -> tuple[str, list[str]]:
    """Well-formed Markdown with the words that must be seen, in order."""
    blocks: list[str] = []
    words: list[str] = []
    for _ in range(draw(st.integers(1, 12))):
        shape = draw(st.sampled_from([*BLOCKS, *more]))
        raw = shape.startswith(("```", "<b>"))
        parts: list[str] = []
        for _ in range(shape.count("{}")):
            some = draw(WORDS)
            words += some
            parts.append(" ".join(some if raw else [draw(INLINE).format(w) for w in some]))
        blocks.append(shape.format(*parts))
    return draw(st.sampled_from(["\n\n", "\n\n\n"])).join(blocks), words


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def check(piece: Piece, limit: int) -> None:
    assert units(piece.text) <= limit
    assert piece.text.strip()
    assert piece.text == piece.text.rstrip()
    assert len(piece.entities) <= 100
    data = piece.text.encode("utf-16-le")
    spans = []
    for entity in piece.entities:
        start, end = entity.offset, entity.offset + entity.length
        assert 0 <= start < end <= len(data) // 2
        data[start * 2 : end * 2].decode("utf-16-le")
        assert entity.type != "text_link" or is_safe_link(entity.url or "")
        spans.append((start, end, entity.type))
    for (a, b, one), (c, d, other) in combinations(spans, 2):
        apart = b <= c or d <= a
        nested = (a <= c and d <= b) or (c <= a and b <= d)
        assert apart or nested
        kinds = {one, other}
        assert apart or len(kinds) == 2
        assert apart or "code" not in kinds or kinds == {"code", "blockquote"}
        assert apart or "pre" not in kinds or kinds == {"pre", "blockquote"}


@given(ANYTHING, LIMITS)
@example("**" * 3000, 4096)
@example("> " * 500 + "а", 64)
@example("\ud800*а*\udfff", 16)
@settings(max_examples=300, deadline=None)
def test_every_piece_is_one_that_telegram_takes(source: str, limit: int) -> None:
    for piece in render(source, limit):
        check(piece, limit)


@given(SYNTAX, LIMITS)
@settings(max_examples=300, deadline=None)
def test_no_letter_is_ever_lost(source: str, limit: int) -> None:
    seen = "".join(piece.text for piece in render(source, limit))
    assert re.findall("[абвё😀]", seen) == re.findall("[абвё😀]", source)


@given(documents(), LIMITS)
@settings(max_examples=150, deadline=None)
def test_formatting_keeps_every_word_in_order(document: tuple[str, list[str]], limit: int) -> None:
    source, words = document
    pieces = render(source, limit)
    for piece in pieces:
        check(piece, limit)
    text = " ".join(piece.text for piece in pieces)
    assert re.findall("[абвгд]+", text) == words
    assert not set("*`~#[") & set(text)


@given(documents(TABLE, TABLE))
@settings(max_examples=60, deadline=None)
def test_tables_lose_no_word(document: tuple[str, list[str]]) -> None:
    source, words = document
    seen = re.findall("[абвгд]+", " ".join(piece.text for piece in render(source)))
    assert set(words) <= set(seen)


@given(st.one_of(ANYTHING, documents().map(lambda document: document[0])), st.data())
@settings(max_examples=200, deadline=None)
def test_a_preview_of_any_beginning_can_be_shown(source: str, data: st.DataObject) -> None:
    piece = preview(source[: data.draw(st.integers(0, len(source)))] * data.draw(st.integers(1, 3)))
    if piece.text:
        check(piece, 4096)
    else:
        assert piece.entities == []


@given(st.lists(st.text(alphabet="абв ", max_size=200), min_size=30, max_size=80))
@settings(max_examples=25, deadline=None)
def test_a_long_preview_shows_the_end(paragraphs: list[str]) -> None:
    source = "\n\n".join(paragraphs) + "\n\nконец мысли"
    piece = preview(source)
    check(piece, 4096)
    assert piece.text.endswith("конец мысли")
