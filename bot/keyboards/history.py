"""Under a page of the history: its files, the page before it, everything at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from uuid import UUID

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import Export, SendOriginal, ShowHistory
from bot.keyboards.buttons import Row, button, keyboard, short
from bot.texts import Words
from bot.texts.dates import clock
from bot.texts.file_names import files_of, icon, with_length
from core import Entry, History

ORIGINALS = 8
_SHORT_LABEL = 18
"""Two labels of so many characters have room side by side."""


def history_keyboard(
    vision: UUID, history: History, zone: tzinfo, words: Words
) -> InlineKeyboardMarkup:
    originals = [each for entry in history.entries for each in _originals(entry, zone, words)][
        -ORIGINALS:
    ]
    export = button(words.plain("button-export"), Export(vision=vision))
    if not history.more:
        return keyboard(*_rows(originals), [export])
    oldest = history.entries[0]
    older = ShowHistory(vision=vision, anchor=oldest.anchor, part=oldest.part)
    return keyboard(*_rows(originals), [button(words.plain("button-older"), older), export])


def _originals(entry: Entry, zone: tzinfo, words: Words) -> Iterator[InlineKeyboardButton]:
    time = clock(entry.created_at.astimezone(zone))
    for index, file in enumerate(files_of(entry)):
        name = short(with_length(file, words))
        said = words.plain("button-original", icon=icon(file, words), time=time, name=name)
        yield button(said, SendOriginal(message=entry.id, index=index))


def _rows(buttons: list[InlineKeyboardButton]) -> list[Row]:
    rows: list[Row] = []
    for each in buttons:
        last = rows[-1] if rows else []
        if len(last) == 1 and max(len(last[0].text), len(each.text)) <= _SHORT_LABEL:
            last.append(each)
        else:
            rows.append([each])
    return rows
