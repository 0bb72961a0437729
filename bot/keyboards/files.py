"""The files of a vision, each a button that brings it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import OpenVision, SendFile, ShowFiles
from bot.keyboards.buttons import button, keyboard, short
from bot.keyboards.paging import pages_of, pages_row
from bot.texts import Words
from bot.texts.dates import clock, date_day, date_short
from bot.texts.file_names import icon, label
from core import FileItem, FilesPage

FILES_PER_PAGE = 8


def files_keyboard(
    vision: UUID, page: FilesPage, number: int, now: datetime, words: Words
) -> InlineKeyboardMarkup:
    """`now` in the person's own zone."""
    items = [item for item in page.items if item.attachment.file_id]
    labels = _labels(items, now, words)
    pages = pages_of(page.total, FILES_PER_PAGE)
    return keyboard(
        *([_file(item, said)] for item, said in zip(items, labels, strict=True)),
        pages_row(number, pages, lambda number: ShowFiles(vision=vision, page=number), words),
        [button(words.plain("button-to-card"), OpenVision(vision=vision, page=0))],
    )


def _labels(items: Sequence[FileItem], now: datetime, words: Words) -> list[str]:
    """Files of one name are told apart by when they came: the day, or today the time; if that
    doesn't do, both."""
    labels = [_label(item, "", words) for item in items]
    for both in (False, True):
        count = Counter(labels)
        labels = [
            _label(item, _when(item, now, words, both=both), words) if count[label] > 1 else label
            for item, label in zip(items, labels, strict=True)
        ]
    return labels


def _when(item: FileItem, now: datetime, words: Words, *, both: bool) -> str:
    moment = item.created_at.astimezone(now.tzinfo)
    if moment.date() == now.date():
        return clock(moment)
    day = date_day(moment, words) if moment.year == now.year else date_short(moment, words)
    return f"{day} {clock(moment)}" if both else day


def _label(item: FileItem, when: str, words: Words) -> str:
    file = {"kind": item.attachment.kind, "name": item.attachment.name}
    name = short(label(file, words))
    if when:
        name = words.plain("button-file-dated", name=name, when=when)
    return words.plain(
        "button-file-made" if item.made else "button-file", icon=icon(file, words), name=name
    )


def _file(item: FileItem, said: str) -> InlineKeyboardButton:
    return button(said, SendFile(file=UUID(item.attachment.file_id)))
