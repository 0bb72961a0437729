"""Under a page of the history: its files, the page before it, everything at once."""

from __future__ import annotations

from datetime import tzinfo
from uuid import UUID

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import Export, SendOriginal, ShowHistory
from bot.keyboards.buttons import Row, button, keyboard, short
from bot.texts import Words
from bot.texts.dates import clock
from bot.texts.file_names import files_of, icon_of_all, label_of_all
from core import Entry, History

ALBUM = 10
"""Telegram puts no more files into one message."""

_SHORT_LABEL = 18
"""Two labels of so many characters have room side by side."""


def history_keyboard(
    vision: UUID, history: History, zone: tzinfo, words: Words
) -> InlineKeyboardMarkup:
    originals = [_original(entry, zone, words) for entry in history.entries if files_of(entry)]
    export = button(words.plain("button-export"), Export(vision=vision))
    if not history.more:
        return keyboard(*_rows(originals), [export])
    oldest = history.entries[0]
    older = ShowHistory(vision=vision, anchor=oldest.anchor, part=oldest.part)
    return keyboard(*_rows(originals), [button(words.plain("button-older"), older), export])


def _original(entry: Entry, zone: tzinfo, words: Words) -> InlineKeyboardButton:
    files = files_of(entry)
    said = words.plain(
        "button-original",
        icon=icon_of_all(files, words),
        time=clock(entry.created_at.astimezone(zone)),
        name=short(label_of_all(files, words)),
    )
    return button(said, SendOriginal(message=entry.id, files=min(len(files), ALBUM)))


def _rows(buttons: list[InlineKeyboardButton]) -> list[Row]:
    rows: list[Row] = []
    for each in buttons:
        last = rows[-1] if rows else []
        if len(last) == 1 and max(len(last[0].text), len(each.text)) <= _SHORT_LABEL:
            last.append(each)
        else:
            rows.append([each])
    return rows
