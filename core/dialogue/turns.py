"""The queue of turns as one process sees it: it claims, keeps the leases, passes signals."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from core.background import Background
from core.database import Database
from core.database.patience import outage
from core.dialogue.answering_turn import AnsweringTurn
from core.dialogue.front import Front
from core.dialogue.replying import Companion
from core.dialogue.telling import Telling
from core.dialogue.turn import TURN_CHARACTERS, Turn, read_turn
from core.errors import CoreError, Unavailable

log = logging.getLogger(__name__)

LEASE_SECONDS = 15
RENEW_SECONDS = 5.0
POLL_SECONDS = 1.5
"""The net under wake-ups that got lost."""

DEAF_SECONDS = 1.0
"""Both of these where the database can't notify: Stop and joining messages come by renewal then."""

CLAIM_SECONDS = 5.0
"""How long a stopping process waits for a claim that is under way."""

CLAIM_AT_ONCE = 8
"""Bounds one answer of the database: each turn carries its history."""


class Turns:
    """`worker` names this process in the queue. `history` is the number of earlier messages that
    the model sees, `limit` the number of turns in flight at once. `speaks` when answers can have a
    voice."""

    def __init__(
        self,
        db: Database,
        background: Background,
        *,
        worker: str,
        history: int,
        limit: int,
        speaks: bool = False,
    ) -> None:
        self._db = db
        self._background = background
        self._worker = worker
        self._history = history
        self._limit = limit
        self._speaks = speaks
        self._telling = Telling(db, background)
        self._wake = asyncio.Event()
        self._by_vision: dict[str, AnsweringTurn] = {}
        self._by_lease: dict[str, AnsweringTurn] = {}
        self._claiming = asyncio.Lock()
        self._closing = False
        self._missed = False

    def __len__(self) -> int:
        return len(self._by_vision)

    # Signals, from this process's own handlers or from the database's channel.

    def wake(self) -> None:
        self._wake.set()

    def received(self, vision_id: str, message_id: int, delay: float) -> None:
        """This process has stored a new message; the workers of all processes shall know."""
        self.arrived(vision_id, message_id, delay)
        self._telling.tell(f"{vision_id}:{message_id}")

    def arrived(self, vision_id: str, message_id: int, delay: float = 0.0) -> None:
        """A new message of a vision: it joins the running turn if it still can."""
        if running := self._by_vision.get(vision_id):
            running.arrived(message_id)
        elif delay > 0:
            asyncio.get_running_loop().call_later(delay, self.wake)
        else:
            self.wake()

    def edited(self, vision_id: str, message_id: int) -> None:
        if running := self._by_vision.get(vision_id):
            running.edited(message_id)

    def stop(self, lease: str) -> None:
        if running := self._by_lease.get(lease):
            running.stop()

    # Work.

    async def run(self, companion: Companion, front: Front) -> None:
        """Claim and answer until cancelled; after `drain` only the leases are kept alive."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._keep_leases())
            while not self._closing:
                self._wake.clear()
                async with self._claiming:
                    claimed = not self._closing and await self._claim(companion, front)
                if not claimed:
                    await _wait(self._wake, POLL_SECONDS if self._db.notifies else DEAF_SECONDS)

    async def drain(self, seconds: float) -> None:
        """Take nothing new, let running turns end, give back those that don't within `seconds`."""
        self._closing = True
        self.wake()
        # A claim still under way would take what is given back for a process that is ending.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLAIM_SECONDS), self._claiming:
                pass
        running = [turn.done for turn in self._by_vision.values()]
        if running:
            log.info("waiting up to %.0f s for %d running turns", seconds, len(running))
            await asyncio.wait(running, timeout=seconds)
        for turn in list(self._by_vision.values()):
            turn.give_back()
        if rest := [turn.done for turn in self._by_vision.values()]:
            await asyncio.wait(rest, timeout=5)

    async def _claim(self, companion: Companion, front: Front) -> bool:
        free = self._limit - len(self._by_vision)
        if free <= 0:
            return False
        try:
            if self._missed:
                # Leases ran out while the database was away. Ours come first: nobody shall claim
                # what this process is about to finish.
                await self._renew()
                self._missed = False
            row = await self._db.call(
                "claim_turns",
                worker=self._worker,
                limit=min(free, CLAIM_AT_ONCE),
                lease_seconds=LEASE_SECONDS,
                history=self._history,
                characters=TURN_CHARACTERS,
            )
        except CoreError as error:
            if isinstance(error, Unavailable):
                outage.meet("the queue of turns", error)
            else:
                log.warning("turns can't be claimed: %s", error)
            self._missed = True
            await asyncio.sleep(1)
            return False
        outage.over()
        for turn in map(read_turn, row["turns"]):
            self._start(companion, front, turn)
        return len(row["turns"]) > 0 or row["passed"] > 0

    def _start(self, companion: Companion, front: Front, turn: Turn) -> None:
        answering = AnsweringTurn(
            self._db,
            self._background,
            companion,
            front,
            turn,
            self._reload,
            speaks=self._speaks,
        )
        self._by_vision[turn.vision_id] = answering
        self._by_lease[turn.lease] = answering
        answering.start(self._ended)

    def _ended(self, answering: AnsweringTurn) -> None:
        turn = answering.turn
        if self._by_vision.get(turn.vision_id) is answering:
            del self._by_vision[turn.vision_id]
        self._by_lease.pop(turn.lease, None)
        self.wake()

    async def _reload(self, turn: Turn) -> Turn:
        row = await self._db.call(
            "reload_turn",
            vision_id=turn.vision_id,
            lease=turn.lease,
            history=self._history,
            characters=TURN_CHARACTERS,
        )
        return read_turn(row)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS if self._db.notifies else DEAF_SECONDS)
            try:
                await self._renew()
            except CoreError as error:
                log.warning("leases were not renewed: %s", error)

    async def _renew(self) -> None:
        leases = list(self._by_lease)
        if not leases:
            return
        row = await self._db.call("renew_leases", leases=leases, lease_seconds=LEASE_SECONDS)
        held: dict[str, dict[str, Any]] = row["held"]
        for lease in leases:
            if not (running := self._by_lease.get(lease)):
                continue
            if lease not in held:
                running.lost()
                continue
            told = held[lease]
            if told["edited"]:
                running.edited(told["edited"])
            running.arrived(told["newest"])
            if told["stop"]:
                running.stop()

    async def _listen(self) -> None:
        async for payload in self._db.notifications("turns"):
            target, _, detail = payload.partition(":")
            if target == "stop":
                self.stop(detail)
            elif detail.startswith("edited:"):
                self.edited(target, int(detail.removeprefix("edited:")))
            elif detail.isdecimal():
                self.arrived(target, int(detail))


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
