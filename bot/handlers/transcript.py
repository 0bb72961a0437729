"""A dialogue to be read in the chat: messages as blocks, blocks packed into Telegram messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo

from aiogram.types import MessageEntity

from bot.delivery.pages import units
from bot.delivery.text import MAX_ENTITIES, MESSAGE_UNITS, Piece, render
from bot.texts import Words
from bot.texts.dates import clock, date_long
from bot.texts.file_names import files_of
from bot.texts.own_files import file_line, own_files, shortened
from core import Entry

ENTRY_CHARACTERS = 600
_RENDERED_CHARACTERS = 4 * ENTRY_CHARACTERS
"""So much of an answer is looked at: its markup may be longer than what is seen of it."""

_GAP = "\n\n"


def pieces_of(title: str, entries: Iterable[Entry], zone: tzinfo, words: Words) -> list[Piece]:
    """Messages to send as they are, with `parse_mode=None`."""
    blocks = [_marked("bold", words.plain("history-title", title=title))]
    day: date | None = None
    for entry in entries:
        said_at = entry.created_at.astimezone(zone)
        if said_at.date() != day:
            day = said_at.date()
            blocks.append(_marked("italic", f"— {date_long(said_at, words)} —"))
        head = _marked("bold", f"{speaker(entry, words)}, {clock(said_at)}")
        blocks.append(_joined(head, _body(entry, words), "\n"))
    return _packed(blocks)


def speaker(entry: Entry, words: Words) -> str:
    """Whose words these are; a press of a button is told apart from what was written."""
    if entry.payload.get("pressed"):
        return words.plain("history-pressed")
    return words.plain("history-you" if entry.sender == "user" else "history-me")


def _body(entry: Entry, words: Words) -> Piece:
    files = files_of(entry)
    if not files:
        return _said(entry)
    if entry.sender == "user":
        return Piece("\n".join(own_files(entry, words, ENTRY_CHARACTERS)), [])
    made = Piece(file_line(files, words), [])
    return _joined(made, _said(entry), "\n") if entry.content.strip() else made


def _said(entry: Entry) -> Piece:
    if entry.sender == "user":
        return Piece(shortened(entry.content.strip(), ENTRY_CHARACTERS), [])
    whole = len(entry.content) <= _RENDERED_CHARACTERS
    pieces = render(entry.content[:_RENDERED_CHARACTERS], ENTRY_CHARACTERS)
    if not pieces:
        return Piece("…", [])
    first = pieces[0]
    return first if whole and len(pieces) == 1 else Piece(first.text + " …", first.entities)


def _packed(blocks: Iterable[Piece]) -> list[Piece]:
    pieces: list[Piece] = []
    for block in blocks:
        if pieces and (together := _fitting(pieces[-1], block)):
            pieces[-1] = together
        else:
            pieces.append(block)
    return pieces


def _fitting(piece: Piece, block: Piece) -> Piece | None:
    together = _joined(piece, block, _GAP)
    fits = units(together.text) <= MESSAGE_UNITS and len(together.entities) <= MAX_ENTITIES
    return together if fits else None


def _joined(first: Piece, second: Piece, gap: str) -> Piece:
    shift = units(first.text) + units(gap)
    moved = [
        entity.model_copy(update={"offset": entity.offset + shift}) for entity in second.entities
    ]
    return Piece(first.text + gap + second.text, [*first.entities, *moved])


def _marked(kind: str, text: str) -> Piece:
    return Piece(text, [MessageEntity(type=kind, offset=0, length=units(text))])
