"""The command menu and the bot's own page, in both languages."""

from __future__ import annotations

import asyncio
import logging

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import (
    SetMyCommands,
    SetMyDescription,
    SetMyShortDescription,
    TelegramMethod,
)
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.texts import Texts, Words

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 5.0


def menu(words: Words, *, admin: bool = False) -> list[BotCommand]:
    described = _of_admins(words) if admin else {}
    described |= {
        "new_vision": words.plain("command-new-vision"),
        "visions": words.plain("command-visions"),
        "history": words.plain("command-history"),
        "files": words.plain("command-files"),
        "export": words.plain("command-export"),
        "rename": words.plain("command-rename"),
        "freeze": words.plain("command-freeze"),
        "delete": words.plain("command-delete"),
        "usage": words.plain("command-usage"),
        "settings": words.plain("command-settings"),
        "export_all": words.plain("command-export-all"),
        "privacy": words.plain("command-privacy"),
        "feedback": words.plain("command-feedback"),
        "stop": words.plain("command-stop"),
        "help": words.plain("command-help"),
    }
    return [BotCommand(command=name, description=said) for name, said in described.items()]


def _of_admins(words: Words) -> dict[str, str]:
    return {
        "admin": words.plain("command-admin"),
        "broadcast": words.plain("command-broadcast"),
        "doctor": words.plain("command-doctor"),
    }


async def set_commands(bot: Bot, texts: Texts) -> None:
    """Russian by default, English for English clients. Tried until Telegram takes it: the bot works
    without a menu, but nobody finds the commands."""
    pause = FIRST_PAUSE_SECONDS
    while not await _set_all(bot, texts):
        await asyncio.sleep(pause)
        pause = min(pause * 2, 600.0)


async def _set_all(bot: Bot, texts: Texts) -> bool:
    for language, code in (("ru", None), ("en", "en")):
        words = texts.words(language)
        methods: list[TelegramMethod[bool]] = [
            SetMyCommands(
                commands=menu(words), scope=BotCommandScopeAllPrivateChats(), language_code=code
            ),
            SetMyDescription(description=words.plain("bot-description"), language_code=code),
            SetMyShortDescription(
                short_description=words.plain("bot-short-description"), language_code=code
            ),
        ]
        for method in methods:
            try:
                await bot(method)
            except (AiogramError, OSError) as error:
                log.warning("the command menu (%s) was not set: %s", language, error)
                return False
    return True


async def set_menu_of_chat(bot: Bot, chat_id: int, words: Words, *, admin: bool) -> None:
    """For admins, and for a person whose chosen language is not that of their Telegram."""
    commands = menu(words, admin=admin)
    await bot.set_my_commands(commands, scope=BotCommandScopeChat(chat_id=chat_id))
