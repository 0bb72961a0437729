"""A stored message as the Telegram messages that carry it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from aiogram.types import InlineKeyboardMarkup, MessageEntity
from aiogram.utils.text_decorations import html_decoration

from bot.delivery.letter import Letter
from bot.delivery.pages import units
from bot.delivery.text import CAPTION_UNITS, MAX_ENTITIES, MESSAGE_UNITS, as_it_is, render
from core import Attachment, Delivery

KeyboardFor = Callable[[Delivery], InlineKeyboardMarkup | None]
WordsFor = Callable[[Delivery], str | None]
EndingFor = Callable[[Delivery], str | None]

TITLE_UNITS = 128
"""Room kept in every piece for a title: pieces must come out the same when a delivery goes on
after a kill, although the person may have walked to another vision meanwhile."""

ENDING_UNITS = 128
"""Room kept for the word that an answer is not whole, or for what stands above a transcript."""

_PIECE_UNITS = MESSAGE_UNITS - TITLE_UNITS - ENDING_UNITS


def letters_of(
    delivery: Delivery, words_for: WordsFor, ending_for: EndingFor, keyboard_for: KeyboardFor
) -> list[Letter]:
    """What to send, in order; nothing if there is nothing to say. The last one has the keyboard."""
    title = "" if delivery.current or delivery.vision_id is None else _short(delivery.vision_title)
    letters = _letters(delivery, words_for, title)
    if not letters:
        return []
    if title and not letters[0].html:
        letters[0] = _titled(letters[0], title)
    if delivery.reply_to is not None:
        letters[0] = replace(letters[0], reply_to=delivery.reply_to)
    if delivery.type != "info" and (ending := ending_for(delivery)):
        letters[-1] = _ended(letters[-1], ending)
    letters[-1] = replace(letters[-1], keyboard=keyboard_for(delivery))
    return letters


def instead_of_file(
    letter: Letter, delivery: Delivery, why: Literal["file_lost", "file_heavy"], words_for: WordsFor
) -> Letter | None:
    """A plain word where a file can't come; what was said to it is said all the same."""
    if delivery.type == "audio":
        return None
    words = _words_instead(delivery, letter.attachment, why, words_for)
    if not letter.text:
        return replace(letter, text=words, html=True, attachment=None) if words else None
    bare = replace(letter, attachment=None)
    return _ended(bare, Letter(words, [], html=True).bare_text) if words else bare


def _letters(delivery: Delivery, words_for: WordsFor, title: str) -> list[Letter]:
    match delivery.type:
        case "info" if delivery.payload.get("notice") == "transcript":
            return _transcript(delivery, words_for)
        case "info":
            words = words_for(delivery)
            return [_notice(words, title)] if words else []
        case "file_result":
            return _file(delivery, words_for, title)
        case "audio":
            # The words themselves have been sent before.
            return [Letter("", [], attachment=delivery.attachment, silent=True)]
        case _:
            return _pieces(delivery.content)


def _pieces(markdown: str) -> list[Letter]:
    return [Letter(piece.text, piece.entities) for piece in render(markdown, _PIECE_UNITS)]


def _file(delivery: Delivery, words_for: WordsFor, title: str) -> list[Letter]:
    if delivery.attachment is None:
        words = _words_instead(delivery, None, "file_lost", words_for)
        return ([_notice(words, title)] if words else []) + _pieces(delivery.content)
    caption = render(delivery.content, CAPTION_UNITS - TITLE_UNITS)
    if len(caption) > 1:
        return [Letter("", [], attachment=delivery.attachment), *_pieces(delivery.content)]
    text, entities = (caption[0].text, caption[0].entities) if caption else ("", [])
    return [Letter(text, entities, attachment=delivery.attachment)]


def _words_instead(
    delivery: Delivery, attachment: Attachment | None, why: str, words_for: WordsFor
) -> str | None:
    name = (attachment.name if attachment else "") or delivery.payload.get("name") or ""
    return words_for(replace(delivery, type="info", payload={"notice": why, "name": name}))


def _transcript(delivery: Delivery, words_for: WordsFor) -> list[Letter]:
    """Word for word: what a person says may look like markup and is none."""
    letters = [_quoted(text) for text in as_it_is(delivery.content, _PIECE_UNITS)]
    if letters and (words := words_for(delivery)):
        letters[0] = _headed(letters[0], Letter(words, [], html=True).bare_text, "\n")
    return letters


def _quoted(text: str) -> Letter:
    quote = MessageEntity(type="expandable_blockquote", offset=0, length=units(text))
    return Letter(text, [quote], silent=True)


def _notice(words: str, title: str) -> Letter:
    head = f"<b>{html_decoration.quote(title)}</b>\n\n" if title else ""
    return Letter(head + words, [], html=True)


def _titled(letter: Letter, title: str) -> Letter:
    bold = MessageEntity(type="bold", offset=0, length=units(title))
    if not letter.text:
        return replace(letter, text=title, entities=[bold])
    titled = _headed(letter, title, "\n\n")
    return replace(titled, entities=[bold, *titled.entities][:MAX_ENTITIES])


def _headed(letter: Letter, head: str, gap: str) -> Letter:
    shift = units(head) + units(gap)
    moved = [
        entity.model_copy(update={"offset": entity.offset + shift}) for entity in letter.entities
    ]
    return replace(letter, text=f"{head}{gap}{letter.text}", entities=moved)


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
