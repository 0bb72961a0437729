"""Coming in: another account's question, and what waited for it."""

from __future__ import annotations

from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import SendHeld
from bot.callbacks.access import BindAccount
from bot.keyboards.buttons import button, create_button, keyboard
from bot.texts import Words
from core import HeldOver


def bind_keyboard(code: str, visions: int, words: Words) -> InlineKeyboardMarkup:
    label = words.plain("access-button-bind", visions=visions)
    return keyboard(
        [button(label, BindAccount(code=code, sure=True), "primary")],
        [button(words.plain("button-cancel"), BindAccount(code=code, sure=False))],
    )


def send_on_keyboard(held: HeldOver, words: Words) -> InlineKeyboardMarkup:
    """What was said over a guest's limit goes on with one tap."""
    if held.vision_id is None:
        return keyboard([create_button(words)])
    data = SendHeld(vision=UUID(held.vision_id), source="vision", wake=held.frozen)
    if held.frozen:
        return keyboard([button(words.plain("button-wake-and-send"), data, "primary")])
    label = words.plain("button-send-held", count=held.count)
    return keyboard([button(label, data, "primary")])
