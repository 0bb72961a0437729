"""A bot of a few lines for the page to talk with: an echo, unless a test gives it other answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Self

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, Message, Update

TOKEN = "42:page-test"
POLL_SECONDS = 20
PATIENCE_SECONDS = 20.0

Answer = Callable[[Message], Awaitable[object]]
AnswerPress = Callable[[CallbackQuery], Awaitable[object]]


class FakeBot:
    def __init__(self, telegram_url: str) -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(telegram_url))
        self.bot = Bot(TOKEN, session=session)
        self.on_message: Answer = lambda message: message.answer(f"echo: {message.text}")
        self.on_press: AnswerPress = lambda press: press.answer()
        self.seen: asyncio.Queue[Update] = asyncio.Queue()
        self._offset = 0

    async def __aenter__(self) -> Self:
        # The page talks with a bot that has come by at least once.
        await self._poll(timeout=0)
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """A bot that broke down on its way fails the test that used it."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await self._task
            finally:
                await self.bot.session.close()

    async def update(self, kind: str) -> Update:
        """The next update of this kind; others before it are passed over."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                update = await self.seen.get()
                if getattr(update, kind) is not None:
                    return update

    async def _run(self) -> None:
        while True:
            for update in await self._poll(timeout=POLL_SECONDS):
                self._offset = update.update_id + 1
                self.seen.put_nowait(update)
                if update.message and update.message.text:
                    await self.on_message(update.message)
                elif update.callback_query:
                    await self.on_press(update.callback_query)

    async def _poll(self, timeout: int) -> list[Update]:
        return await self.bot.get_updates(
            offset=self._offset,
            timeout=timeout,
            request_timeout=timeout + 10,
            allowed_updates=[
                "message",
                "edited_message",
                "callback_query",
                "stopped_message_generation",
                "my_chat_member",
            ],
        )
