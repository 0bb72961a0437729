"""Language, voice of the answers, and time zone, which is picked by city or by offset."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from aiogram import Bot, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.callbacks import AskZone, ChooseZone, SetLanguage, SetVoice, SetZone, ShowSettings
from bot.commands import set_menu_of_chat
from bot.handlers.asking import asked_about
from bot.handlers.saying import say, say_after, show
from bot.keyboards.lifecycle import cancel_keyboard
from bot.keyboards.settings import found_zones_keyboard, settings_keyboard, zones_keyboard
from bot.texts import Texts, Words
from bot.texts.dates import clock
from core import Person, Users, find_zones, local_time, zone_of

log = logging.getLogger(__name__)

_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")


def router() -> Router:
    settings = Router(name="settings")
    settings.message.register(settings_by_command, Command("settings"))
    settings.callback_query.register(settings_by_button, ShowSettings.filter())
    settings.callback_query.register(set_language, SetLanguage.filter())
    settings.callback_query.register(set_voice, SetVoice.filter())
    settings.callback_query.register(choose_zone, ChooseZone.filter())
    settings.callback_query.register(ask_zone, AskZone.filter())
    settings.callback_query.register(set_zone, SetZone.filter())
    settings.message.register(zone_by_answer, asked_about("timezone"))
    return settings


async def settings_by_command(message: Message, person: Person, words: Words, speaks: bool) -> None:
    await say(message, *await _settings(person, words, speaks))


async def settings_by_button(
    query: CallbackQuery, person: Person, words: Words, speaks: bool
) -> None:
    await show(query, *await _settings(person, words, speaks))


async def set_language(
    query: CallbackQuery,
    callback_data: SetLanguage,
    bot: Bot,
    person: Person,
    users: Users,
    texts: Texts,
    speaks: bool,
) -> str:
    await users.set_language(person.user_id, callback_data.language)
    words = texts.words(callback_data.language)
    try:
        await set_menu_of_chat(bot, query.from_user.id, words, admin=person.level == "admin")
    except TelegramAPIError as error:
        log.warning("the menu of a chat stays in its old language: %s", error)
    await show(query, *await _settings(person, words, speaks))
    return words.plain("toast-language")


async def set_voice(
    query: CallbackQuery,
    callback_data: SetVoice,
    person: Person,
    words: Words,
    users: Users,
    speaks: bool,
) -> str:
    voice = callback_data.voice
    if speaks:
        await users.set_voice(person.user_id, voice)
        person = replace(person, voice=voice)
    await show(query, *await _settings(person, words, speaks))
    return words.plain("toast-voice" if speaks else "stale-button")


async def choose_zone(query: CallbackQuery, words: Words) -> None:
    await show(query, words("zone-choose"), zones_keyboard(words))


async def ask_zone(query: CallbackQuery, person: Person, words: Words, users: Users) -> None:
    await users.ask(person.user_id, "timezone")
    await say_after(query, words("zone-ask"), cancel_keyboard(words))


async def set_zone(
    query: CallbackQuery, callback_data: SetZone, person: Person, words: Words, users: Users
) -> str | None:
    if not is_zone(callback_data.name):
        return words.plain("stale-button")
    await users.set_timezone(person.user_id, callback_data.name)
    await show(query, await _zone_set(callback_data.name, words))
    return None


async def zone_by_answer(
    message: Message, person: Person, words: Words, users: Users, source_key: str
) -> None:
    """Unclear words keep the question open."""
    city = " ".join((message.text or "").split())
    zones = await asyncio.to_thread(find_zones, city, words.language)
    zones = [zone for zone in zones if zone.title.casefold() == city.casefold()] or zones
    if not zones:
        await say(message, words("zone-none"), cancel_keyboard(words))
        return
    if len({zone.name for zone in zones}) > 1:
        await say(message, words("zone-several"), found_zones_keyboard(zones, words))
        return
    await users.set_timezone(person.user_id, zones[0].name)
    await users.answered(person.user_id, source_key)
    await say(message, await _zone_set(zones[0].name, words, zones[0].title))


def is_zone(name: str) -> bool:
    """Whether a button may have said it: an IANA name or ±HH:MM."""
    if name[:1] in "+-":
        return bool(_OFFSET.fullmatch(name))
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


async def _settings(person: Person, words: Words, speaks: bool) -> tuple[str, InlineKeyboardMarkup]:
    timezone = person.timezone
    time = clock(local_time(zone_of(timezone, words.language)))
    if timezone:
        said = words("settings", zone=await _title(timezone, words), time=time)
    else:
        said = words("settings-no-zone", time=time)
    said += "\n" + (
        words("settings-voice", voice=person.voice) if speaks else words("settings-mute")
    )
    return said, settings_keyboard(person.voice if speaks else None, words)


async def _zone_set(name: str, words: Words, title: str = "") -> str:
    time = clock(local_time(zone_of(name, words.language)))
    return words("zone-set", zone=title or await _title(name, words), time=time)


async def _title(name: str, words: Words) -> str:
    """In a thread: the names of all cities take a while to load."""
    zones = await asyncio.to_thread(find_zones, name, words.language)
    return next((zone.title for zone in zones if zone.name == name), name)
