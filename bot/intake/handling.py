"""One update from the wire to the handlers: in its chat's order, repeated when it has to be."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.types import Update
from pydantic import ValidationError

from bot.intake.lanes import Lanes
from core import Background, CoreError, Inbox, Unavailable

log = logging.getLogger(__name__)

TRIES = 3
PATIENCE_SECONDS = 120.0
"""How long one update may wait for Telegram to take the bot's reply before it counts as failing."""

LONGEST_PAUSE_SECONDS = 5.0

REMEMBERED = 10_000
"""Updates this process knows to have handled, should Telegram repeat them."""

GivenUp = Callable[[dict[str, Any], Exception], Awaitable[None]]


class GaveUp(Exception):
    """The update has been written down as failed and is not tried again."""


class Unreadable(Exception):
    """The update has a shape that no handler can take. Names fields, never their contents."""


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
        self._background = background
        self._given_up = given_up
        self._lanes = Lanes(background)
        self._handled: OrderedDict[int, asyncio.Future[None]] = OrderedDict()
        self._late: Counter[object] = Counter()

    def submit(self, raw: dict[str, Any]) -> asyncio.Future[None]:
        """Handle behind the chat's earlier updates. See `settled`."""
        update_id: int = raw["update_id"]
        known = self._handled.get(update_id)
        if known and not known.cancelled():
            return known
        future = self._lanes.put(lane_of(raw), lambda: self._handle(raw))
        self._handled[update_id] = future
        if len(self._handled) > REMEMBERED:
            self._handled.popitem(last=False)
        return future

    def is_late(self, raw: dict[str, Any]) -> bool:
        """Something of this chat has been kept and is not done: what follows will take long too."""
        return self._late[lane_of(raw)] > 0

    async def keep(self, raw: dict[str, Any], future: asyncio.Future[None]) -> None:
        """Write an update that takes long down, so that it may be confirmed meanwhile."""
        await self._inbox.keep(self._bot.id, raw["update_id"], raw)
        lane = lane_of(raw)
        self._late[lane] += 1

        def done(future: asyncio.Future[None]) -> None:
            self._late[lane] -= 1
            if not self._late[lane]:
                del self._late[lane]
            self._drop_when_settled(raw["update_id"], future)

        # Calls back also when it is done already.
        future.add_done_callback(done)

    async def resume(self) -> None:
        """Handle what an earlier process had kept and could not finish."""
        after = -1
        while page := await self._inbox.kept(self._bot.id, after):
            for raw in page:
                after = raw["update_id"]
                self.submit(raw).add_done_callback(
                    lambda future, update_id=after: self._drop_when_settled(update_id, future)
                )

    def _drop_when_settled(self, update_id: int, future: asyncio.Future[None]) -> None:
        # A given up one stays, for people to look at; a cancelled one for the next process.
        if not future.cancelled() and not future.exception():
            self._background.spawn(self._drop(update_id), f"drop update {update_id}")

    async def _drop(self, update_id: int) -> None:
        """Until it is gone: left behind, it would be handled again by some later process."""
        while True:
            try:
                return await self._inbox.drop(self._bot.id, update_id)
            except CoreError as error:
                log.debug("a kept update is not dropped yet: %s", error)
                await asyncio.sleep(LONGEST_PAUSE_SECONDS)

    async def _handle(self, raw: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + PATIENCE_SECONDS
        tries = 0
        delay = 0.2
        while True:
            try:
                await self._feed(raw)
            except Unavailable as error:
                log.warning("update %s waits for the database: %s", raw["update_id"], error)
            except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter) as error:
                log.warning("update %s waits for Telegram: %s", raw["update_id"], error)
                if loop.time() > patient_until:
                    await self._give_up(raw, error)
            except Exception as error:
                tries += 1
                kind = type(error).__name__
                log.warning("update %s failed, try %d: %s", raw["update_id"], tries, kind)
                if tries >= TRIES:
                    log.exception("update %s is given up", raw["update_id"])
                    await self._give_up(raw, error)
            else:
                return
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_PAUSE_SECONDS)

    async def _feed(self, raw: dict[str, Any]) -> None:
        try:
            update = Update.model_validate(raw, context={"bot": self._bot})
        except ValidationError as error:
            fields = [".".join(map(str, each["loc"])) for each in error.errors()]
            raise Unreadable(", ".join(fields)) from None
        await self._dispatcher.feed_update(self._bot, update)

    async def _give_up(self, raw: dict[str, Any], error: Exception) -> None:
        """Raises `GaveUp` once it is written down. A database that can't even do that is what
        the update has failed of: it is tried again."""
        trace = "".join(traceback.format_exception(error))
        try:
            await self._inbox.keep(self._bot.id, raw["update_id"], raw, error=trace, failed=True)
        except CoreError as failure:
            log.warning("update %s can't be written down: %s", raw["update_id"], failure)
            return
        try:
            await self._given_up(raw, error)
        except Exception:
            log.exception("nobody could be told of update %s", raw["update_id"])
        raise GaveUp from error


def settled(future: asyncio.Future[None]) -> bool:
    """Handled, or written down as failed: either way Telegram needs to keep it no longer."""
    if not future.done() or future.cancelled():
        return False
    error = future.exception()
    return error is None or isinstance(error, GaveUp)


_NOTHING: dict[str, Any] = {}


def lane_of(raw: dict[str, Any]) -> object:
    """Updates of one chat in order; Stop overtakes what stands in the way of it."""
    if stopped := raw.get("stopped_message_generation"):
        return "stop", _chat_id(stopped)
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
