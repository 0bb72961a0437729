"""What a message says to the operators, or they to a person."""

from __future__ import annotations

from aiogram.types import Message

from bot.delivery.pages import units
from bot.delivery.text import CAPTION_UNITS, is_blank
from bot.handlers.content import content_of
from bot.texts import Words
from core import FEEDBACK_CHARACTERS, Word, read_word

CAPTION_LEFT = CAPTION_UNITS - 300
"""Above a caption stands whose words it is."""


def word_of(message: Message, words: Words, key: str) -> Word | None:
    """None for what is neither words nor a file: a place, a sticker, a poll."""
    content = content_of(message, words, key)
    if content is None:
        return None
    files = content.payload.get("files")
    if files:
        row = {"text": files[0]["caption"], "file": files[0] | {"album": message.media_group_id}}
        return read_word(row)
    if content.type != "text" or is_blank(content.text):
        return None
    return Word(content.text)


def is_too_long(word: Word) -> bool:
    return units(word.text) > (CAPTION_LEFT if word.file else FEEDBACK_CHARACTERS)
