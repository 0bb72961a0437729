"""Updates that take long, written down: held by the process that handles them, for as long as it
lives, and then by another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import Any

from bot.intake.updates import lane_of
from core import CoreError, Inbox

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0


class Keeping:
    """What this process holds, and in which lanes something is written down that it doesn't hold:
    new updates of such a lane have to stand behind that.

    `changed` is set when there may be something to claim.
    """

    def __init__(self, inbox: Inbox, bot_id: int) -> None:
        self._inbox = inbox
        self._bot_id = bot_id
        self._held: dict[int, str] = {}
        self._ending: set[int] = set()
        self._has_let_go = False
        self._elsewhere: set[str] = set()
        self._heard: set[str] = set()
        self._claiming = asyncio.Lock()
        self.changed = asyncio.Event()

    @property
    def known_after(self) -> float:
        """Seconds until the other processes know of what is kept here."""
        return 0.0 if self._inbox.notifies else PAUSE_SECONDS + 1

    def is_elsewhere(self, lane: str) -> bool:
        """Earlier updates of the lane are written down and not ours."""
        return lane in self._elsewhere

    async def keep(self, raw: dict[str, Any]) -> None:
        """From now on it may be confirmed; this process goes on handling it."""
        lane = lane_of(raw)
        await self._inbox.keep(self._bot_id, raw["update_id"], raw, lane=lane)
        self._held[raw["update_id"]] = lane

    async def leave(self, raw: dict[str, Any]) -> None:
        """From now on it may be confirmed; whoever comes next handles it, in its lane's order."""
        update_id, lane = raw["update_id"], lane_of(raw)
        # Claimed before we know it to be left, it would be forgotten right afterwards.
        async with self._claiming:
            with self._ends(update_id):
                await self._inbox.leave(self._bot_id, update_id, raw, lane=lane)
        self._elsewhere.add(lane)
        self.changed.set()

    async def write_off(self, raw: dict[str, Any], error: str) -> None:
        """It is handled no more and stays for people to look at."""
        update_id = raw["update_id"]
        with self._ends(update_id):
            await self._inbox.write_off(
                self._bot_id, update_id, raw, lane=lane_of(raw), error=error
            )

    async def renew(self) -> Collection[int]:
        """Go on holding what is held; the ids of what another process has taken over meanwhile."""
        if not self._held:
            return ()
        held = set(self._held)
        lost = held - set(await self._inbox.renew(self._bot_id, held))
        # What has ended in the meantime is not lost, nor what may have: we are still to hear of it.
        lost &= self._held.keys() - self._ending
        self._elsewhere |= {self._held.pop(update_id) for update_id in lost}
        return lost

    async def claim(self) -> list[dict[str, Any]]:
        """What nobody holds any more, from each lane the oldest: it is ours now."""
        async with self._claiming:
            self._heard.clear()
            claimed = await self._inbox.claim(self._bot_id)
            # What was kept while it went on may be missing in the answer.
            self._elsewhere = self._heard | set(claimed.elsewhere)
            self._held |= {raw["update_id"]: lane_of(raw) for raw in claimed.updates}
        return claimed.updates

    async def listen(self) -> None:
        """Hear what other processes keep and leave, until cancelled."""
        async for lane in self._inbox.heard(self._bot_id):
            if lane:
                self._elsewhere.add(lane)
                self._heard.add(lane)
            else:
                self.changed.set()

    async def drop(self, update_id: int) -> None:
        """Until it is gone: left behind, it would be handled again by some later process."""
        with self._ends(update_id):
            while True:
                try:
                    await self._inbox.drop(self._bot_id, update_id)
                except CoreError as error:
                    log.debug("a kept update is not dropped yet: %s", error)
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    break
        if self._elsewhere:
            self.changed.set()

    def let_go(self, update_id: int) -> None:
        """It is not handled here any more: its lease runs out, and somebody claims it."""
        if self._held.pop(update_id, None) is not None:
            self._has_let_go = True

    async def release(self) -> None:
        """Leave what is held to others, at once."""
        if not self._held and not self._has_let_go:
            return
        try:
            await self._inbox.release(self._bot_id)
        except CoreError as error:
            log.info("kept updates are left to run out: %s", error)

    @contextmanager
    def _ends(self, update_id: int) -> Generator[None]:
        """Whether the database has done it already is known only afterwards."""
        self._ending.add(update_id)
        try:
            yield
            self._held.pop(update_id, None)
        finally:
            self._ending.discard(update_id)
