"""What nobody else has taken."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.handlers.asking import is_command
from bot.handlers.saying import say
from bot.texts import Words


def unknown_commands() -> Router:
    """Stands before the conversation: a mistyped command is not meant for the companion."""
    unknown = Router(name="unknown commands")
    unknown.message.register(unknown_command, _commands)
    return unknown


def stale_buttons() -> Router:
    stale = Router(name="stale buttons")
    stale.callback_query.register(stale_button)
    return stale


async def unknown_command(message: Message, words: Words) -> None:
    await say(message, words("unknown-command"))


async def stale_button(_: CallbackQuery, words: Words) -> str:
    return words.plain("stale-button")


async def _commands(message: Message) -> bool:
    return is_command(message)
