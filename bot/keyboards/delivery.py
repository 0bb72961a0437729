"""Buttons under stored words of the companion."""

from __future__ import annotations

from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import Continue, Retry
from bot.keyboards.buttons import button, keyboard
from bot.texts import Words
from core import Delivery


def keyboard_for(delivery: Delivery, words: Words) -> InlineKeyboardMarkup | None:
    """«Повторить» where there was no answer, «Продолжить» where it is not whole."""
    if not delivery.vision_id:
        return None
    vision = UUID(delivery.vision_id)
    if delivery.payload.get("notice") in ("down", "unfetched", "limit"):
        return keyboard([button(words.plain("button-retry"), Retry(vision=vision), "primary")])
    if delivery.payload.get("unfinished") or delivery.payload.get("stopped"):
        return keyboard([button(words.plain("button-continue"), Continue(vision=vision))])
    return None
