"""One update from the wire to the handlers: in its chat's order, repeated when it has to be."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.types import Update

from bot.intake.lanes import Lanes
from core import Background, Inbox, Unavailable

log = logging.getLogger(__name__)

TRIES = 3
PATIENCE_SECONDS = 120.0
"""How long one update may wait for Telegram to take the bot's reply before it counts as failing."""

REMEMBERED = 10_000
"""Updates this process knows to have handled, should Telegram repeat them."""

GivenUp = Callable[[dict[str, Any], Exception], Awaitable[None]]


class GaveUp(Exception):
    """The update has been written down as failed and is not tried again."""


class Handling:
    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        inbox: Inbox,
        background: Background,
        given_up: GivenUp,
    ) -> None:
        """`given_up` tells the operator and the person of an update that can't be handled."""
        self._bot = bot
        self._dispatcher = dispatcher
        self._inbox = inbox
        self._given_up = given_up
        self._lanes = Lanes(background)
        self._handled: OrderedDict[int, asyncio.Future[None]] = OrderedDict()

    def submit(self, raw: dict[str, Any]) -> asyncio.Future[None]:
        """Handle behind the chat's earlier updates; done means it may be confirmed."""
        update_id: int = raw["update_id"]
        if (known := self._handled.get(update_id)) and not known.cancelled():
            return known
        future = self._lanes.put(_lane(raw), lambda: self._handle(raw))
        self._handled[update_id] = future
        if len(self._handled) > REMEMBERED:
            self._handled.popitem(last=False)
        return future

    async def keep(self, raw: dict[str, Any], future: asyncio.Future[None]) -> None:
        """Write an update that takes long down, so that it may be confirmed meanwhile."""
        await self._inbox.keep(self._bot.id, raw["update_id"], raw)
        if future.done():
            await self._inbox.drop(self._bot.id, raw["update_id"])
        else:
            future.add_done_callback(lambda _: self._lanes.put("kept", lambda: self._drop(raw)))

    async def resume(self) -> None:
        """Handle what an earlier process had kept and could not finish."""
        for raw in await self._inbox.kept(self._bot.id):
            self.submit(raw).add_done_callback(
                lambda _, raw=raw: self._lanes.put("kept", lambda: self._drop(raw))
            )

    async def _drop(self, raw: dict[str, Any]) -> None:
        future = self._handled.get(raw["update_id"])
        if future and future.done() and not future.cancelled() and not future.exception():
            await self._inbox.drop(self._bot.id, raw["update_id"])

    async def _handle(self, raw: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + PATIENCE_SECONDS
        tries = 0
        delay = 0.2
        while True:
            try:
                update = Update.model_validate(raw, context={"bot": self._bot})
                await self._dispatcher.feed_update(self._bot, update)
            except Unavailable as error:
                log.warning("update %s waits for the database: %s", raw["update_id"], error)
            except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter) as error:
                log.warning("update %s waits for Telegram: %s", raw["update_id"], error)
                if loop.time() > patient_until:
                    await self._give_up(raw, error)
            except Exception as error:
                tries += 1
                log.warning("update %s failed, try %d: %r", raw["update_id"], tries, error)
                if tries >= TRIES:
                    log.exception("update %s is given up", raw["update_id"])
                    await self._give_up(raw, error)
            else:
                return
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)

    async def _give_up(self, raw: dict[str, Any], error: Exception) -> None:
        trace = "".join(traceback.format_exception(error))
        while True:
            try:
                await self._inbox.keep(
                    self._bot.id, raw["update_id"], raw, error=trace, failed=True
                )
                break
            except Unavailable:
                await asyncio.sleep(1)
        await self._given_up(raw, error)
        raise GaveUp from error


_NOTHING: dict[str, Any] = {}


def _lane(raw: dict[str, Any]) -> object:
    """Updates of one chat in order; Stop overtakes what stands in the way of it."""
    if stopped := raw.get("stopped_message_generation"):
        return "stop", stopped["chat"]["id"]
    for kind, event in raw.items():
        if kind != "update_id" and (chat_id := _chat_id(event)):
            return chat_id
    return None


def _chat_id(event: Any) -> int | None:
    try:
        chat: Any = event.get("chat") or (event.get("message") or _NOTHING).get("chat")
        sender: Any = event.get("from")
        return (chat or sender)["id"]
    except (AttributeError, KeyError, TypeError):
        return None
