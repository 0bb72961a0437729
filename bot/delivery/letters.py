"""A stored message as the Telegram messages that carry it, and how one of them is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import unescape

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, MessageEntity
from aiogram.utils.text_decorations import html_decoration

from bot.delivery.pages import units
from bot.delivery.text import MAX_ENTITIES, MESSAGE_UNITS, render
from bot.telegram import DoneUnreadably
from core import Delivery

KeyboardFor = Callable[[Delivery], InlineKeyboardMarkup | None]
WordsFor = Callable[[Delivery], str | None]
EndingFor = Callable[[Delivery], str | None]

TITLE_UNITS = 128
"""Room kept in every piece for a title: pieces must come out the same when a delivery goes on
after a kill, although the person may have walked to another vision meanwhile."""

UNKNOWN_ID = 0
"""For a message that was sent, but whose id could not be read."""

ENDING_UNITS = 128
"""Room kept for the word that an answer is not whole."""


@dataclass(frozen=True, slots=True)
class Letter:
    text: str
    entities: list[MessageEntity]
    html: bool = False
    keyboard: InlineKeyboardMarkup | None = None

    def plain(self) -> Letter:
        text = unescape(re.sub(r"<[^>]*>", "", self.text)) if self.html else self.text
        return Letter(text, [], keyboard=self.keyboard)


def letters_of(
    delivery: Delivery, words_for: WordsFor, ending_for: EndingFor, keyboard_for: KeyboardFor
) -> list[Letter]:
    """What to send, in order; nothing if there is nothing to say. The last one has the keyboard."""
    title = "" if delivery.current or delivery.vision_id is None else _short(delivery.vision_title)
    if delivery.type == "info":
        words = words_for(delivery)
        letters = [_notice(words, title)] if words else []
    else:
        pieces = render(delivery.content, MESSAGE_UNITS - TITLE_UNITS - ENDING_UNITS)
        letters = [Letter(piece.text, piece.entities) for piece in pieces]
        if letters and title:
            letters[0] = _titled(letters[0], title)
        if letters and (ending := ending_for(delivery)):
            letters[-1] = _ended(letters[-1], ending)
    if letters:
        letters[-1] = replace(letters[-1], keyboard=keyboard_for(delivery))
    return letters


async def send_letter(bot: Bot, chat_id: int, thread_id: int | None, letter: Letter) -> int:
    """Telegram's id of the message. What Telegram refuses is sent again with less dress.

    Raises the last refusal when even bare words are refused, and all other errors at once.
    """
    refusal: TelegramBadRequest | None = None
    for dress in _dresses(letter):
        try:
            message = await bot.send_message(
                chat_id,
                dress.text,
                message_thread_id=thread_id,
                entities=dress.entities or None,
                parse_mode="HTML" if dress.html else None,
                reply_markup=dress.keyboard,
            )
        except DoneUnreadably:
            return UNKNOWN_ID
        except TelegramBadRequest as error:
            refusal = error
            if "thread not found" in error.message:
                thread_id = None
        else:
            return message.message_id
    assert refusal
    raise refusal


def _dresses(letter: Letter) -> Iterator[Letter]:
    plain = letter.plain()
    yield letter
    yield plain
    if plain.keyboard:
        yield replace(plain, keyboard=None)


def _notice(words: str, title: str) -> Letter:
    head = f"<b>{html_decoration.quote(title)}</b>\n\n" if title else ""
    return Letter(head + words, [], html=True)


def _titled(letter: Letter, title: str) -> Letter:
    shift = units(title) + 2
    moved = [
        entity.model_copy(update={"offset": entity.offset + shift}) for entity in letter.entities
    ]
    bold = MessageEntity(type="bold", offset=0, length=units(title))
    return replace(letter, text=f"{title}\n\n{letter.text}", entities=[bold, *moved][:MAX_ENTITIES])


def _ended(letter: Letter, ending: str) -> Letter:
    offset = units(letter.text) + 2
    italic = MessageEntity(type="italic", offset=offset, length=units(ending))
    entities = [*letter.entities[: MAX_ENTITIES - 1], italic]
    return replace(letter, text=f"{letter.text}\n\n{ending}", entities=entities)


def _short(title: str) -> str:
    line = " ".join(title.split())
    while units(line) > TITLE_UNITS - 2:
        line = line[: len(line) - 8].rstrip() + "…"
    return line
