"""Stored words on their way to people: in order within a chat, at once across chats.

What is not marked as delivered is sent again by whoever is alive, so nothing said is ever lost.
Telegram has no idempotency key: after an unclear outcome a piece is not repeated here and now, the
delivery goes back to the sweep instead.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.delivery.carrying import carry
from bot.delivery.chat_locks import ChatLock, ChatLocks
from bot.delivery.holding import Holding
from bot.delivery.keeping import Keeping
from bot.delivery.letters import EndingFor, KeyboardFor, WordsFor, letters_of
from bot.delivery.refusals import LONGEST_PAUSE, Refusals, pause
from bot.delivery.telling import tell_of
from bot.delivery.voicing import Voiced, Voicing
from bot.telegram import patience
from core import (
    Attachments,
    Background,
    Claimed,
    CoreError,
    Deliveries,
    Delivery,
    LeaseLost,
    Unavailable,
    outage,
)

log = logging.getLogger(__name__)

KNOWN = frozenset({"text", "info", "file_result", "audio"})
POLL_SECONDS = 2.0
UNASKED_POLL_SECONDS = 0.3
"""While words wait that Telegram takes only so many of a second."""
FLOOD_PATIENCE = 5.0
AFTERMATH_SECONDS = 3.0
"""Every process gets so long to renew its leases once the database is back."""

ATTEMPTS = 10
"""For errors of our own making. Telegram's being away has no such end."""

_NOTHING = Claimed([], unasked=False)


class Outbox:
    """`keyboard_for`, `words_for` (HTML of a notice) and `ending_for` (a plain word below an answer
    that is not whole) dress a delivery in the person's language. `voiced` makes the voice of an
    answer, which is None where there will be none; without it answers have no voices.

    `unreachable` is told the chat of a person who blocked the bot or is gone.
    """

    def __init__(
        self,
        bot: Bot,
        deliveries: Deliveries,
        background: Background,
        *,
        keyboard_for: KeyboardFor,
        words_for: WordsFor,
        ending_for: EndingFor,
        attachments: Attachments,
        voiced: Voiced | None = None,
        unreachable: Callable[[int], Awaitable[None]] | None = None,
        at_once: int = 32,
        poll_seconds: float = POLL_SECONDS,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._deliveries = deliveries
        self._background = background
        self._keyboard_for = keyboard_for
        self._words_for = words_for
        self._ending_for = ending_for
        self._attachments = attachments
        self._voicing = Voicing(bot, background, voiced)
        self._free = at_once
        self._poll_seconds = poll_seconds
        self._lanes = ChatLocks()
        self._holding = Holding(deliveries)
        self._keeping = Keeping(deliveries, sleep)
        self._refusals = Refusals(self._keeping, unreachable)
        self._wake = asyncio.Event()
        self._expected: set[int] = set()
        self._missed = False
        self._sleep = sleep
        self._closing = False

    def wake(self) -> None:
        """Something may be waiting to be sent."""
        self._wake.set()

    def expect(self, chat_id: int) -> None:
        """Words of this chat wait behind earlier ones: look now, and when those are out."""
        self._expected.add(chat_id)
        self.wake()

    async def run(self) -> None:
        """Send what others left behind, until cancelled or drained."""
        self._background.spawn(self._holding.keep(), "leases of deliveries")
        self._background.spawn(self._listen(), "wakes of deliveries")
        while not self._closing:
            self._wake.clear()
            room = self._free
            claimed = await self._claim(room) if room else _NOTHING
            for delivery in claimed.deliveries:
                self._free -= 1
                self._background.spawn(self._swept(delivery), f"delivery {delivery.id}")
            if not claimed.deliveries or len(claimed.deliveries) < room:
                await self._rest(claimed.unasked)

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, wait up to `seconds` for what is being spoken and sent."""
        over = time.monotonic() + seconds
        self._closing = True
        self.wake()
        await self._voicing.idle(seconds)
        await self._lanes.idle(over - time.monotonic())

    async def deliver(self, *deliveries: Delivery) -> None:
        """Send them now, one after another, after what their chat is being sent already. Does not
        raise.

        When it returns each has arrived, has been given back or has failed for good.
        """
        with self._holding.hold(deliveries):
            for delivery in deliveries:
                await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        voiced: Delivery | None = delivery
        if delivery.type == "audio" and delivery.attachment is None:
            voiced = await self._speak(delivery)
        if voiced:
            await self._in_order(voiced)
        if delivery.chat_id in self._expected:
            self._expected.discard(delivery.chat_id)
            self.wake()

    async def _in_order(self, delivery: Delivery) -> None:
        async with self._lanes.enter(delivery.chat_id) as lane:
            if not self._holding.is_sure(delivery):
                log.info("delivery %d waited too long here, the sweep has it", delivery.id)
            elif self._closing:
                await self._keeping.give_back(delivery, 0, "stopping")
            elif (shut := lane.shut_for()) > 0:
                await self._keeping.give_back(delivery, shut, "behind")
            else:
                await self._try(delivery, lane)

    async def _speak(self, delivery: Delivery) -> Delivery | None:
        """Outside of the lane: other words of the chat need not wait until the voice is made."""
        if self._closing:
            await self._keeping.give_back(delivery, 0, "stopping")
            return None
        voiced = await self._voicing.make(delivery)
        if voiced is None:
            await self._keeping.give_up(delivery, "unvoiced")
        return voiced

    async def _claim(self, room: int) -> Claimed:
        try:
            if self._missed:
                # Leases ran out while the database was away, and their holders are alive: nobody
                # shall take what another is about to finish.
                await self._holding.renew()
                await self._sleep(AFTERMATH_SECONDS)
                self._missed = False
            return await self._deliveries.claim(room)
        except CoreError as error:
            if isinstance(error, Unavailable):
                outage.meet("the queue of deliveries", error)
            else:
                log.warning("deliveries can't be claimed: %s", error)
            self._missed = True
            return _NOTHING

    async def _listen(self) -> None:
        async for _ in self._deliveries.wakes():
            self.wake()

    async def _rest(self, unasked: bool) -> None:
        try:
            async with asyncio.timeout(UNASKED_POLL_SECONDS if unasked else self._poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _swept(self, delivery: Delivery) -> None:
        try:
            await self.deliver(delivery)
        finally:
            self._free += 1
            self.wake()

    async def _try(self, delivery: Delivery, lane: ChatLock) -> None:
        # Of what nobody waits for, one flood wait is enough to stop all of it at once.
        token = patience.set(0.0 if delivery.unasked else FLOOD_PATIENCE)
        try:
            await self._send(delivery)
        except LeaseLost:
            log.info("delivery %d has been taken over", delivery.id)
        except Unavailable as error:
            log.warning("delivery %d waits: %s", delivery.id, error)
            await self._keeping.give_back(delivery, pause(delivery), "unavailable")
        except CoreError as error:
            log.warning("delivery %d is not recorded: %s", delivery.id, error)
        except AiogramError as error:
            await self._refusals.meet(delivery, lane, error)
        except Exception:
            log.exception("delivery %d failed", delivery.id)
            if delivery.attempt >= ATTEMPTS:
                await self._keeping.give_up(delivery, "error")
            else:
                await self._keeping.give_back(delivery, pause(delivery), "error")
        finally:
            patience.reset(token)

    async def _send(self, delivery: Delivery) -> None:
        if not delivery.chat_id:
            # The one reason that is taken back when the person shows up.
            await self._keeping.give_up(delivery, "blocked")
            return
        letters = letters_of(delivery, self._words_for, self._ending_for, self._keyboard_for)
        if not letters and delivery.type not in KNOWN:
            # A newer process may know how.
            await self._keeping.give_back(delivery, LONGEST_PAUSE, "unsupported")
            return
        began = time.monotonic()
        sent = list(delivery.sent[: len(letters)])
        for index in range(len(sent), len(letters)):
            number = await carry(
                self._bot, self._attachments, self._words_for, delivery, letters[index]
            )
            if number is None:
                continue
            sent.append(number)
            if index < len(letters) - 1:
                await self._keeping.persist(
                    lambda n=number, i=index: self._deliveries.record(delivery, i, n)
                )
        await self._keeping.persist(lambda: self._deliveries.delivered(delivery, sent))
        tell_of(delivery, "delivered", None, time.monotonic() - began)
