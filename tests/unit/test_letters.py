"""What was heard comes as a quote; every letter fits Telegram's limits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.letter import Letter
from bot.delivery.letters import letters_of
from core import Delivery
from tests.unit.test_letters_files import FILE, VOICE
from tests.unit.test_outbox import SIMPLE

HEARD = replace(
    SIMPLE,
    sender="system",
    type="info",
    content="Хочу *дом* 😀 у моря",
    payload={"notice": "transcript"},
    reply_to=55,
)


def letters(delivery: Delivery) -> list[Letter]:
    return letters_of(
        delivery,
        lambda told: "Слышу &amp; вижу:" if told.type == "info" else None,
        lambda _: None,
        lambda _: None,
    )


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def quotes(letter: Letter) -> list[str]:
    return [
        entity.extract_from(letter.text)
        for entity in letter.entities
        if entity.type == "expandable_blockquote"
    ]


def test_what_was_heard_is_quoted_word_for_word_under_the_voice() -> None:
    [letter] = letters(HEARD)
    assert letter.text == "Слышу & вижу:\nХочу *дом* 😀 у моря"
    assert quotes(letter) == ["Хочу *дом* 😀 у моря"]
    assert (letter.reply_to, letter.silent, letter.keyboard, letter.html) == (55, True, None, False)
    parameters = letter.reply_parameters
    assert parameters
    assert (parameters.message_id, parameters.allow_sending_without_reply) == (55, True)


def test_a_long_transcript_is_quoted_piece_by_piece() -> None:
    heard = "\n\n".join(f"Мысль {n}. " + "слово " * 200 for n in range(9))
    first, *rest = letters(replace(HEARD, content=heard, current=False))
    assert rest
    assert first.text.startswith(f"{HEARD.vision_title}\n\nСлышу")
    assert [letter.reply_to for letter in (first, *rest)] == [55, *[None] * len(rest)]
    said = " ".join(text for letter in (first, *rest) for text in quotes(letter))
    assert said.split() == heard.split()
    assert all(letter.text == quotes(letter)[0] and letter.silent for letter in rest)


@pytest.mark.parametrize("type", ["text", "file_result", "audio"])
def test_only_what_belongs_to_a_message_replies_to_it(type: str) -> None:
    delivery = replace(FILE if type == "file_result" else VOICE, type=type)
    assert letters(delivery)[0].reply_parameters is None


def test_a_file_brings_its_title_where_there_is_no_caption() -> None:
    [letter] = letters(replace(FILE, content="", current=False))
    assert (letter.text, letter.entities[0].type) == (FILE.vision_title, "bold")
    assert letter.attachment is FILE.attachment


@settings(deadline=None, max_examples=60)
@given(
    st.text(max_size=300).map(lambda text: text * 30),
    st.text(max_size=300),
    st.sampled_from([HEARD, FILE, SIMPLE]),
    st.booleans(),
)
def test_letters_fit_and_come_out_the_same_in_every_vision(
    content: str, title: str, kind: Delivery, current: bool
) -> None:
    delivery = replace(kind, content=content, vision_title=title, current=current)
    made = letters(delivery)
    for letter in made:
        limit = 1024 if letter.attachment else 4096
        assert units(letter.text) <= limit
        assert len(letter.entities) <= 100
        assert all(e.offset + e.length <= units(letter.text) for e in letter.entities)
        assert letter.attachment or letter.text.strip()
    assert len(made) == len(letters(replace(delivery, current=not current)))
