"""Language, voice and time zone."""

from __future__ import annotations

from collections.abc import Iterable

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import (
    AskZone,
    ChooseZone,
    DropQuestion,
    SetLanguage,
    SetVoice,
    SetZone,
    ShowSettings,
)
from bot.keyboards.buttons import Row, button, keyboard
from bot.texts import Language, Words
from core import Voice, Zone


def settings_keyboard(voice: Voice | None, words: Words) -> InlineKeyboardMarkup:
    """`voice` is the chosen one, None where answers have no voice."""
    languages: dict[Language, str] = {
        "ru": words.plain("button-russian"),
        "en": words.plain("button-english"),
    }
    return keyboard(
        [
            button(
                words.plain("button-chosen", label=label) if code == words.language else label,
                SetLanguage(language=code),
            )
            for code, label in languages.items()
        ],
        _voices(voice, words) if voice else [],
        [button(words.plain("button-timezone"), ChooseZone())],
    )


def _voices(chosen: Voice, words: Words) -> Row:
    voices: dict[Voice, str] = {
        "off": words.plain("button-voice-off"),
        "when_i_speak": words.plain("button-voice-when-i-speak"),
        "always": words.plain("button-voice-always"),
    }
    return [
        button(
            words.plain("button-chosen", label=label) if voice == chosen else label,
            SetVoice(voice=voice),
        )
        for voice, label in voices.items()
    ]


def zones_keyboard(words: Words) -> InlineKeyboardMarkup:
    rows = _in_pairs(popular_zones(words))
    return keyboard(
        *rows,
        [button(words.plain("button-other-zone"), AskZone())],
        [button(words.plain("button-settings"), ShowSettings())],
    )


def found_zones_keyboard(zones: Iterable[Zone], words: Words) -> InlineKeyboardMarkup:
    return keyboard(*_in_pairs(zones), [button(words.plain("button-cancel"), DropQuestion())])


def popular_zones(words: Words) -> list[Zone]:
    lines = words.plain("popular-zones").splitlines()
    return [Zone(*line.split(maxsplit=1)) for line in lines]


def _in_pairs(zones: Iterable[Zone]) -> list[Row]:
    buttons = [button(zone.title, SetZone(name=zone.name)) for zone in zones]
    return [buttons[place : place + 2] for place in range(0, len(buttons), 2)]
