"""A clear word to the person when an update could not be handled at all."""

from __future__ import annotations

import logging

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import Update

from bot.handlers.saying import say
from bot.texts import Texts

log = logging.getLogger(__name__)


async def apologise(bot: Bot, update: Update, texts: Texts) -> None:
    """Best effort, never raises: Telegram itself may be what failed. Private chats only."""
    try:
        if (message := update.message) and message.chat.type == "private" and message.from_user:
            words = texts.for_account(message.from_user.language_code)
            await say(message.as_(bot), words("broken"))
        elif query := update.callback_query:
            words = texts.for_account(query.from_user.language_code)
            await query.as_(bot).answer(words.plain("broken-toast"))
    except (AiogramError, OSError) as error:
        log.info("no apology for update %d: %s", update.update_id, error)
