"""Which limit, and how much."""

from __future__ import annotations

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks.admin import AskLimit, ChooseLimit, SetLimit, ShowLimits, ShowPerson
from bot.keyboards.buttons import button, keyboard
from bot.texts import Words
from core import LIMITS, LimitName

PRESETS: dict[LimitName, tuple[int, ...]] = {
    "tokens_per_day": (20_000, 100_000, 500_000),
    "messages_per_minute": (5, 10, 30),
    "messages_per_day": (20, 100, 300),
}


def limits_keyboard(ref: str, words: Words) -> InlineKeyboardMarkup:
    labels = [
        words.plain("button-admin-tokens"),
        words.plain("button-admin-minute"),
        words.plain("button-admin-day"),
    ]
    rows = [
        [button(label, ChooseLimit(person=ref, which=which))] for which, label in enumerate(labels)
    ]
    return keyboard(*rows, [button(words.plain("button-admin-to-person"), ShowPerson(person=ref))])


def limit_keyboard(ref: str, which: int, words: Words) -> InlineKeyboardMarkup:
    def to(value: int, label: str | None = None) -> InlineKeyboardButton:
        said = label or words.plain("admin-limit-value", value=value)
        return button(said, SetLimit(person=ref, which=which, to=value))

    return keyboard(
        [to(value) for value in PRESETS[LIMITS[which]]],
        [
            to(0, words.plain("button-admin-unbounded")),
            to(-1, words.plain("button-admin-like-level")),
        ],
        [button(words.plain("button-admin-own-number"), AskLimit(person=ref, which=which))],
        [button(words.plain("button-admin-to-limits"), ShowLimits(person=ref))],
    )
