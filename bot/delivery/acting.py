"""What the bot is seen doing meanwhile: Telegram shows a chat action for five seconds at most."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal

from aiogram import Bot
from aiogram.exceptions import AiogramError

from core import Background

AGAIN_SECONDS = 4.5

Action = Literal["typing", "record_voice", "upload_document"]


@asynccontextmanager
async def acting(
    bot: Bot, background: Background, chat_id: int, thread_id: int | None, action: Action
) -> AsyncGenerator[None]:
    """Shown while inside. Only a courtesy: what fails of it is not seen, nobody waits for it."""
    acting = background.spawn(_repeat(bot, chat_id, thread_id, action), f"chat action {action}")
    try:
        yield
    finally:
        acting.cancel()


async def _repeat(bot: Bot, chat_id: int, thread_id: int | None, action: Action) -> None:
    while True:
        try:
            await bot.send_chat_action(chat_id, action, message_thread_id=thread_id)
        except AiogramError:
            return
        await asyncio.sleep(AGAIN_SECONDS)
