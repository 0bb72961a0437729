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
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.intake.keeping import Keeping
from bot.intake.lanes import Lanes
from bot.intake.telling import telling_of
from bot.intake.updates import lane_of
from core import Background, CoreError, Unavailable, outage

log = logging.getLogger(__name__)

TRIES = 3
PATIENCE_SECONDS = 120.0
"""How long one update may wait for Telegram to take the bot's reply before it counts as failing."""

LONGEST_PAUSE_SECONDS = 5.0
DROP_SECONDS = 2.0
"""How long the end waits for the database to forget what has been handled."""

REMEMBERED = 10_000
"""Updates this process knows to have handled, should Telegram repeat them."""

GivenUp = Callable[[dict[str, Any], Exception], Awaitable[None]]


class GaveUp(Exception):
    """The update has been written down as failed and is not tried again."""


class LeftBehind(Exception):
    """The update has been written down behind earlier ones of its chat, for whoever has those."""


class Unreadable(Exception):
    """The update has a shape that no handler can take. Names fields, never their contents."""


class Handling:
    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        keeping: Keeping,
        background: Background,
        given_up: GivenUp,
    ) -> None:
        """`given_up` tells the operator and the person of an update that can't be handled."""
        self._bot = bot
        self._dispatcher = dispatcher
        self._keeping = keeping
        self._background = background
        self._given_up = given_up
        self._lanes = Lanes(background)
        self._handled: OrderedDict[int, asyncio.Future[None]] = OrderedDict()
        self._late: Counter[str] = Counter()
        self._starved: set[int] = set()
        self._drops: set[asyncio.Task[None]] = set()

    def submit(self, raw: dict[str, Any], *, claimed: bool = False) -> asyncio.Future[None]:
        """Handle behind the chat's earlier updates. See `settled`.

        `claimed`: it has been written down before, and is this process's now.
        """
        update_id: int = raw["update_id"]
        future = self._handled.get(update_id)
        if future is None or future.cancelled() or (claimed and is_left(future)):
            future = self._lanes.put(lane_of(raw), lambda: self._told(raw, claimed))
            self._handled[update_id] = future
            if len(self._handled) > REMEMBERED:
                self._handled.popitem(last=False)
        if claimed:
            self._drop_afterwards(raw, future)
        return future

    def is_late(self, raw: dict[str, Any]) -> bool:
        """Something of this chat has been kept and is not done: what follows will take long too."""
        return self._late[lane_of(raw)] > 0

    def is_starved(self, raw: dict[str, Any]) -> bool:
        """It waits for the database and for nothing else."""
        return raw["update_id"] in self._starved

    async def keep(self, raw: dict[str, Any], future: asyncio.Future[None]) -> None:
        """Write an update that takes long down, so that it may be confirmed meanwhile."""
        await self._keeping.keep(raw)
        self._drop_afterwards(raw, future)

    @property
    def known_after(self) -> float:
        """Seconds until the other processes know of what is kept here."""
        return self._keeping.known_after

    def withdraw(self, update_id: int) -> None:
        """Break it off, unless it is done: another process shall handle it."""
        if future := self._handled.get(update_id):
            self._lanes.withdraw(future)

    async def drain(self, seconds: float) -> None:
        """Wait until everything is done; what isn't by then is withdrawn and left to others."""
        if rest := self._unsettled():
            await asyncio.wait(rest, timeout=seconds)
        for future in self._unsettled():
            self._lanes.withdraw(future)
        # What has just ended is heard of in the loop's next round.
        await asyncio.sleep(0)
        # Released before it is dropped, it would be handled again.
        if self._drops:
            await asyncio.wait(self._drops, timeout=DROP_SECONDS)
        await self._keeping.release()

    def _unsettled(self) -> list[asyncio.Future[None]]:
        return [future for future in self._handled.values() if not future.done()]

    def _drop_afterwards(self, raw: dict[str, Any], future: asyncio.Future[None]) -> None:
        lane = lane_of(raw)
        self._late[lane] += 1

        def done(future: asyncio.Future[None]) -> None:
            self._late[lane] -= 1
            if not self._late[lane]:
                del self._late[lane]
            update_id = raw["update_id"]
            # A given up one stays, for people to look at; a left or cancelled one for whoever
            # claims it.
            if future.cancelled():
                self._keeping.let_go(update_id)
            elif not future.exception():
                drop = self._background.spawn(
                    self._keeping.drop(update_id), f"drop update {update_id}"
                )
                self._drops.add(drop)
                drop.add_done_callback(self._drops.discard)

        # Calls back also when it is done already.
        future.add_done_callback(done)

    async def _told(self, raw: dict[str, Any], claimed: bool) -> None:
        with telling_of(raw, {GaveUp: "failed", LeftBehind: "left"}):
            await self._handle(raw, claimed)

    async def _handle(self, raw: dict[str, Any], claimed: bool) -> None:
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + PATIENCE_SECONDS
        tries = 0
        delay = 0.2
        try:
            while True:
                try:
                    if not claimed and self._keeping.is_elsewhere(lane_of(raw)):
                        await self._keeping.leave(raw)
                        raise LeftBehind
                    return await self._feed(raw)
                except LeftBehind:
                    raise
                except Unavailable as error:
                    self._starved.add(raw["update_id"])
                    outage.meet(f"update {raw['update_id']}", error)
                except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter) as error:
                    self._starved.discard(raw["update_id"])
                    log.warning("update %s waits for Telegram: %s", raw["update_id"], error)
                    if loop.time() > patient_until:
                        await self._give_up(raw, error)
                except Exception as error:
                    self._starved.discard(raw["update_id"])
                    tries += 1
                    kind = type(error).__name__
                    log.warning("update %s failed, try %d: %s", raw["update_id"], tries, kind)
                    if tries >= TRIES:
                        log.exception("update %s is given up", raw["update_id"])
                        await self._give_up(raw, error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_PAUSE_SECONDS)
        finally:
            self._starved.discard(raw["update_id"])

    async def _feed(self, raw: dict[str, Any]) -> None:
        try:
            update = Update.model_validate(raw, context={"bot": self._bot})
        except ValidationError as error:
            fields = [".".join(map(str, each["loc"])) for each in error.errors()]
            raise Unreadable(", ".join(fields)) from None
        try:
            log.debug("update %s: %s", update.update_id, update.event_type)
        except UpdateTypeLookupError:
            # aiogram would print it whole.
            log.info("update %s is of a kind not known yet", update.update_id)
            return
        await self._dispatcher.feed_update(self._bot, update)

    async def _give_up(self, raw: dict[str, Any], error: Exception) -> None:
        """Raises `GaveUp` once it is written down. A database that can't even do that is what
        the update has failed of: it is tried again."""
        trace = "".join(traceback.format_exception(error))
        try:
            await self._keeping.write_off(raw, trace)
        except CoreError as failure:
            self._starved.add(raw["update_id"])
            log.warning("update %s can't be written down: %s", raw["update_id"], failure)
            return
        try:
            await self._given_up(raw, error)
        except Exception:
            log.exception("nobody could be told of update %s", raw["update_id"])
        raise GaveUp from error


def settled(future: asyncio.Future[None]) -> bool:
    """Handled, or written down: either way Telegram needs to keep it no longer."""
    if not future.done() or future.cancelled():
        return False
    error = future.exception()
    return error is None or isinstance(error, GaveUp | LeftBehind)


def is_left(future: asyncio.Future[None]) -> bool:
    return future.done() and not future.cancelled() and isinstance(future.exception(), LeftBehind)
