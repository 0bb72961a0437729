"""Buttons after a vision was made, frozen, woken, deleted, or is about to be renamed."""

from __future__ import annotations

from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import ChangeVision, Delete, DropQuestion, OpenVision, Rename, ShowList
from bot.keyboards.buttons import button, keyboard
from bot.texts import Words


def created_keyboard(vision: UUID, words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("button-rename"), Rename(vision=vision))])


def card_link_keyboard(vision: UUID, words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("button-card"), OpenVision(vision=vision, page=0))])


def frozen_keyboard(vision: UUID, words: Words) -> InlineKeyboardMarkup:
    wake = ChangeVision(vision=vision, to="active", page=0)
    return keyboard(
        [button(words.plain("button-wake"), wake)],
        [button(words.plain("button-visions"), ShowList(page=0))],
    )


def delete_keyboard(vision: UUID, page: int, words: Words) -> InlineKeyboardMarkup:
    yes = Delete(vision=vision, sure=True, page=page)
    no = Delete(vision=vision, sure=False, page=page)
    return keyboard(
        [
            button(words.plain("button-delete-yes"), yes, "danger"),
            button(words.plain("button-delete-no"), no),
        ]
    )


def deleted_keyboard(vision: UUID, page: int, words: Words) -> InlineKeyboardMarkup:
    restore = ChangeVision(vision=vision, to="restored", page=page)
    return keyboard(
        [button(words.plain("button-restore"), restore)],
        [button(words.plain("button-visions"), ShowList(page=page))],
    )


def cancel_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("button-cancel"), DropQuestion())])
