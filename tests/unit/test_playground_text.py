"""Texts and entities: whatever is written, offsets fit and nothing visible is lost."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.entities import check_entities, find_entities, merge_found, trim
from bot.playground.forms import parse_form
from bot.playground.html_text import parse_html, utf16
from bot.playground.people import split
from bot.playground.refusals import Refusal, bad_request

LETTERS = st.text(st.sampled_from('abя я\n😀<>&"/@#. '), max_size=60)
TAGS = ["b", "i", "u", "s", "code", "pre", "blockquote", "tg-spoiler"]


@st.composite
def marked_up(draw: st.DrawFn, depth: int = 3) -> tuple[str, str]:
    """HTML and the text a person would read."""
    html = plain = ""
    for _ in range(draw(st.integers(0, 3))):
        words = draw(LETTERS)
        html, plain = html + escape(words, quote=draw(st.booleans())), plain + words
        if depth and draw(st.booleans()):
            inner_html, inner = draw(marked_up(depth - 1))
            tag = draw(st.sampled_from(TAGS))
            html, plain = f"{html}<{tag}>{inner_html}</{tag}>", plain + inner
    return html.replace("&#x27;", "'"), plain


@given(marked_up())
def test_html_gives_back_the_text_and_entities_inside_it(pair: tuple[str, str]) -> None:
    html, plain = pair
    text, entities = parse_html(html)
    assert text == plain
    for entity in entities:
        assert entity["offset"] >= 0
        assert entity["length"] > 0
        assert entity["offset"] + entity["length"] <= utf16(text)
    assert check_entities(text, entities) == entities


@given(st.text(st.sampled_from("<>/abp ="), max_size=30))
def test_broken_html_is_refused_or_read_but_never_crashes(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except Refusal as refused:
        refusal = refused
        text, entities = "", []
    else:
        refusal = bad_request("can't parse entities")
    assert refusal.description.startswith("Bad Request: can't parse entities")
    assert all(e["offset"] + e["length"] <= utf16(text) for e in entities)


@given(LETTERS, st.integers(0, 40), st.integers(1, 40))
def test_trimming_keeps_entities_on_the_same_words(text: str, start: int, length: int) -> None:
    raw = text.encode("utf-16-le")
    end = min(len(raw) // 2, start + length)
    try:
        [entity] = check_entities(text, [{"type": "bold", "offset": start, "length": end - start}])
    except (Refusal, ValueError):
        return
    marked = raw[start * 2 : end * 2].decode("utf-16-le")
    trimmed, moved = trim(text, [entity])
    assert trimmed == text.strip()
    kept = trimmed.encode("utf-16-le")
    for entity in moved:
        at = entity["offset"] * 2
        words = kept[at : at + entity["length"] * 2].decode("utf-16-le")
        assert words in marked
        assert words.strip() == marked.strip()
    assert bool(moved) or not marked.strip()


@given(st.text(st.sampled_from("abя 😀\n"), max_size=40), st.integers(1, 1500))
def test_long_texts_are_split_into_parts_that_fit(piece: str, times: int) -> None:
    text = piece * times
    parts = list(split(text.strip()))
    assert all(part and utf16(part) <= 4096 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start now", [("bot_command", "/start")]),
        ("😀 /help@my_bot", [("bot_command", "/help@my_bot")]),
        ("see https://example.org/a(b).", [("url", "https://example.org/a(b")]),
        ("mail me@example.org", [("email", "me@example.org")]),
        ("hi @robin_b and #визия", [("mention", "@robin_b"), ("hashtag", "#визия")]),
        ("1/2 and a/b and #1", []),
    ],
)
def test_clients_find_these(text: str, found: list[tuple[str, str]]) -> None:
    raw = text.encode("utf-16-le")
    seen = [
        (e["type"], raw[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le"))
        for e in find_entities(text)
    ]
    assert seen == found


def test_nothing_is_found_inside_code_and_links() -> None:
    code = {"type": "code", "offset": 0, "length": 5}
    assert [e["type"] for e in merge_found("/help /help", [code])] == ["code", "bot_command"]


@pytest.mark.parametrize(
    ("html", "entity"),
    [
        (
            '<pre><code class="language-python">x</code></pre>',
            {"type": "pre", "offset": 0, "length": 1, "language": "python"},
        ),
        (
            "<blockquote expandable>x</blockquote>",
            {"type": "expandable_blockquote", "offset": 0, "length": 1},
        ),
        ('<span class="tg-spoiler">x</span>', {"type": "spoiler", "offset": 0, "length": 1}),
        (
            "<a href='https://e.org/?a=1&amp;b=2'>x</a>",
            {"type": "text_link", "offset": 0, "length": 1, "url": "https://e.org/?a=1&b=2"},
        ),
    ],
)
def test_tags_with_attributes(html: str, entity: dict[str, object]) -> None:
    assert parse_html(html) == ("x", [entity])


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=40), max_size=4))
def test_forms_are_read_as_they_were_written(values: dict[str, str]) -> None:
    assert parse_form(urlencode(values).encode()) == values


@given(st.binary(max_size=60))
def test_any_bytes_make_some_form(body: bytes) -> None:
    assert isinstance(parse_form(body), dict)
