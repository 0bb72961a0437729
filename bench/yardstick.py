"""The yardstick: a bare aiogram handler. History in memory, drafts every 0.5 s, then the text.

No store, no retry, no order, no formatting: what one writes in an hour, the least any bot costs.
"""

from __future__ import annotations

import asyncio
import os
import time

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from openai import AsyncOpenAI

DRAFT_SECONDS = 0.5


def dispatcher(client: AsyncOpenAI) -> Dispatcher:
    dispatcher = Dispatcher()
    histories: dict[int, list[dict[str, str]]] = {}

    @dispatcher.message()
    async def talk(message: Message, bot: Bot) -> None:
        history = histories.setdefault(message.chat.id, [])
        history.append({"role": "user", "content": message.text or ""})
        said, shown = "", 0.0
        stream = await client.chat.completions.create(
            model="gpt-6-luna",
            messages=history[-50:],  # type: ignore[arg-type]
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in stream:
            if not chunk.choices or not chunk.choices[0].delta.content:
                continue
            said += chunk.choices[0].delta.content
            if time.monotonic() - shown > DRAFT_SECONDS:
                shown = time.monotonic()
                await bot.send_message_draft(
                    chat_id=message.chat.id, draft_id=message.message_id, text=said
                )
        history.append({"role": "assistant", "content": said})
        await bot.send_message(message.chat.id, said)

    return dispatcher


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"])
    # The default of 100 connections would make it wait for itself.
    bot = Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=server, limit=1000))
    client = AsyncOpenAI(max_retries=0)
    await dispatcher(client).start_polling(bot, handle_signals=True)


if __name__ == "__main__":
    asyncio.run(main())
