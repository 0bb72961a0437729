"""The files of a vision, each a button that brings it."""

from __future__ import annotations

from uuid import UUID

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import OpenVision, SendFile, ShowFiles
from bot.keyboards.buttons import Row, button, keyboard, short
from bot.texts import Words
from bot.texts.file_names import icon, label
from core import FileItem, FilesPage

FILES_PER_PAGE = 8


def files_keyboard(
    vision: UUID, page: FilesPage, number: int, words: Words
) -> InlineKeyboardMarkup:
    return keyboard(
        *([_file(item, words)] for item in page.items if item.attachment.file_id),
        _pages(vision, page, number, words),
        [button(words.plain("button-to-card"), OpenVision(vision=vision, page=0))],
    )


def pages_of(page: FilesPage) -> int:
    return max(1, -(-page.total // FILES_PER_PAGE))


def _file(item: FileItem, words: Words) -> InlineKeyboardButton:
    file = {"kind": item.attachment.kind, "name": item.attachment.name}
    name = short(label(file, words))
    key = "button-file-made" if item.made else "button-file"
    data = SendFile(file=UUID(item.attachment.file_id))
    return button(words.plain(key, icon=icon(file, words), name=name), data)


def _pages(vision: UUID, page: FilesPage, number: int, words: Words) -> Row:
    pages = pages_of(page)
    if pages == 1:
        return []
    back = ShowFiles(vision=vision, page=(number - 1) % pages)
    here = ShowFiles(vision=vision, page=number)
    following = ShowFiles(vision=vision, page=(number + 1) % pages)
    return [
        button(words.plain("button-page-back"), back),
        button(words.plain("button-page", page=number + 1, pages=pages), here),
        button(words.plain("button-page-next"), following),
    ]
