"""Where rules meet: titles, zones, buttons, shortened texts. For any input at all."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from aiogram.types import Message
from hypothesis import given
from hypothesis import strategies as st

from bot.callbacks import OpenVision, SetZone, ShowHistory
from bot.handlers.asking import is_command
from bot.handlers.settings import is_zone
from bot.handlers.transcript import shortened
from bot.keyboards.buttons import LABEL_CHARACTERS, short
from bot.texts import Texts
from core import TITLE_LIMIT, find_zones, title_of, zone_of
from tests.telegram import html_fault

TEXTS = Texts()
ANYTHING = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(ANYTHING)
def test_a_title_is_one_line_that_fits(words: str) -> None:
    title = title_of(words)
    assert len(title) <= TITLE_LIMIT
    assert title == " ".join(title.split())
    assert title_of(title) == title
    assert len(short(title)) <= LABEL_CHARACTERS


@given(ANYTHING)
def test_any_title_is_safe_html_and_keeps_its_characters(title: str) -> None:
    said = TEXTS.words("ru")("renamed", title=title)
    assert html_fault(said) is None
    assert TEXTS.words("ru").plain("button-into", title=title) == f"→ {title}"


@given(st.text(max_size=60), st.sampled_from(["ru", "en"]))
def test_any_answer_about_the_zone_is_understood_or_not_but_never_breaks(
    words: str, language: str
) -> None:
    for zone in find_zones(words, language):
        assert is_zone(zone.name)
        assert zone.title
        assert len(SetZone(name=zone.name).pack().encode()) <= 64
        assert datetime.now(zone_of(zone.name, language)).utcoffset() is not None


@given(st.integers(-12 * 60, 14 * 60))
def test_every_offset_there_is_can_be_written(minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    [zone] = find_zones(f"UTC{sign}{hours}:{rest:02}", "en")
    offset = datetime.now(zone_of(zone.name, "en")).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == minutes * 60


@given(st.text(max_size=60))
def test_no_forged_zone_gets_through(name: str) -> None:
    if is_zone(name):
        assert datetime.now(zone_of(name, "en")).utcoffset() is not None


@given(st.uuids(), st.integers(0, 2**63 - 1), st.integers(0, 2**15 - 1), st.integers(0, 10_000))
def test_the_longest_buttons_fit_and_come_back(
    vision: uuid.UUID, anchor: int, part: int, page: int
) -> None:
    history = ShowHistory(vision=vision, anchor=anchor, part=part)
    assert ShowHistory.unpack(history.pack()) == history
    card = OpenVision(vision=vision, page=page)
    assert OpenVision.unpack(card.pack()) == card


@given(ANYTHING, st.integers(10, 100))
def test_a_shortened_text_is_a_beginning(text: str, characters: int) -> None:
    cut = shortened(text, characters)
    if len(text) <= characters:
        assert cut == text
    else:
        assert cut.endswith(" …")
        assert text.startswith(cut[:-2])
        assert len(cut) <= characters + 2


@given(ANYTHING)
def test_a_text_is_a_command_only_if_telegram_would_mark_it(text: str) -> None:
    message = Message.model_validate(
        {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": text}
    )
    if is_command(message):
        name = re.split(r"[\s@]", text[1:], maxsplit=1)[0]
        assert text.startswith("/")
        assert name.isascii()
        assert name.replace("_", "a").isalnum()
