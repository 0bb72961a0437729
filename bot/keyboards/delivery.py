"""Buttons under stored words of the companion."""

from __future__ import annotations

from uuid import UUID

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import Continue, Retry
from bot.keyboards.buttons import Row, button, keyboard
from bot.keyboards.votes import vote_row
from bot.texts import Words
from core import Delivery


def keyboard_for(
    delivery: Delivery, words: Words, *, votes: bool = False
) -> InlineKeyboardMarkup | None:
    """«Повторить» where there was no answer, «Продолжить» where it is not whole; with `votes`, 👍
    and 👎 under the last message of an answer."""
    rows: list[Row] = []
    if delivery.vision_id:
        vision = UUID(delivery.vision_id)
        if delivery.payload.get("notice") in ("down", "unfetched", "limit"):
            rows.append([button(words.plain("button-retry"), Retry(vision=vision), "primary")])
        elif delivery.payload.get("unfinished") or delivery.payload.get("stopped"):
            rows.append([button(words.plain("button-continue"), Continue(vision=vision))])
    if votes and _ends_answer(delivery):
        rows.append(vote_row(delivery.message_id, 0, words))
    return keyboard(*rows) if rows else None


def _ends_answer(delivery: Delivery) -> bool:
    return (
        delivery.sender == "assistant"
        and delivery.type in ("text", "file_result")
        and not delivery.unasked
        and not delivery.payload.keys() & {"followed", "care"}
    )
