"""The list of visions and the card of one."""

from __future__ import annotations

from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import (
    AskDelete,
    ChangeVision,
    OpenVision,
    Rename,
    Resume,
    SendHeld,
    ShowFiles,
    ShowHistory,
    ShowList,
)
from bot.keyboards.buttons import Row, button, create_button, keyboard, short
from bot.keyboards.paging import pages_of, pages_row
from bot.texts import Words
from core import Card, Item, Page

PAGE_SIZE = 8


def none_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard([create_button(words)])


def list_keyboard(page: Page, number: int, words: Words) -> InlineKeyboardMarkup:
    rows: list[Row] = []
    archive = False
    for item in page.items:
        if item.status == "frozen" and not archive:
            archive = True
            rows.append([button(words.plain("button-archive"), ShowList(page=number))])
        data = OpenVision(vision=UUID(item.id), page=number)
        rows.append([button(_label(item, words), data)])
    pages = pages_of(page.total, PAGE_SIZE)
    rows.append(pages_row(number, pages, lambda page: ShowList(page=page), words))
    rows.append([create_button(words, label=words.plain("button-new"), style=None)])
    return keyboard(*rows)


def card_keyboard(
    card: Card, page: int, words: Words, *, held_nowhere: int = 0
) -> InlineKeyboardMarkup:
    vision = UUID(card.id)
    held: Row = []
    if card.status == "active":
        go = button(words.plain("button-continue"), Resume(vision=vision), "primary")
        status = button(
            words.plain("button-freeze"), ChangeVision(vision=vision, to="frozen", page=page)
        )
        if card.held or held_nowhere:
            source = "vision" if card.held else "nowhere"
            held = [
                button(
                    words.plain("button-send-held", count=card.held or held_nowhere),
                    SendHeld(vision=vision, source=source, wake=False),
                    "primary",
                )
            ]
    else:
        go = button(
            words.plain("button-wake"),
            ChangeVision(vision=vision, to="active", page=page),
            "primary",
        )
        status = None
        if card.held:
            held = [
                button(
                    words.plain("button-wake-and-send"),
                    SendHeld(vision=vision, source="vision", wake=True),
                    "primary",
                )
            ]
    history = button(words.plain("button-history"), ShowHistory(vision=vision, anchor=0, part=0))
    files = button(words.plain("button-files"), ShowFiles(vision=vision, page=0))
    rename = button(words.plain("button-rename"), Rename(vision=vision))
    delete = button(words.plain("button-delete"), AskDelete(vision=vision, page=page))
    return keyboard(
        held,
        [go],
        [history, files],
        [rename, status or delete],
        [delete] if status else [],
        [button(words.plain("button-back"), ShowList(page=page))],
    )


def _label(item: Item, words: Words) -> str:
    title = short(item.title)
    if item.current:
        title = words.plain("button-current", title=title)
    return words.plain("button-frozen", title=title) if item.status == "frozen" else title
