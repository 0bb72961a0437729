"""Taking everything along, and being forgotten."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks.own_data import AskForget, ExportAll, Forget, KeepEverything
from bot.keyboards.buttons import button, keyboard
from bot.texts import Words


def privacy_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard(
        [button(words.plain("own-button-export"), ExportAll())],
        [button(words.plain("own-button-ask-forget"), AskForget())],
    )


def offer_keyboard(nonce: str, words: Words) -> InlineKeyboardMarkup:
    """What takes along stands before what takes away."""
    return keyboard(
        [button(words.plain("own-button-export"), ExportAll(), "primary")],
        [button(words.plain("own-button-forget"), Forget(nonce=nonce), "danger")],
        [button(words.plain("own-button-keep"), KeepEverything())],
    )


def leaving_keyboard(words: Words) -> InlineKeyboardMarkup:
    return keyboard([button(words.plain("own-button-stay"), KeepEverything(), "success")])
