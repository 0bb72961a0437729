"""Updates that take long, written down: held by the process that handles them, for as long as it
lives, and then by another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
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
        self._elsewhere: set[str] = set()
        self.changed = asyncio.Event()

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
        await self._inbox.leave(self._bot_id, raw["update_id"], raw, lane=lane_of(raw))
        self._held.pop(raw["update_id"], None)
        self.changed.set()

    async def write_off(self, raw: dict[str, Any], error: str) -> None:
        """It is handled no more and stays for people to look at."""
        await self._inbox.write_off(
            self._bot_id, raw["update_id"], raw, lane=lane_of(raw), error=error
        )
        self._held.pop(raw["update_id"], None)

    async def renew(self) -> Collection[int]:
        """Go on holding what is held; the ids of what another process has taken over meanwhile."""
        if not self._held:
            return ()
        held = set(self._held)
        lost = held - set(await self._inbox.renew(self._bot_id, held))
        # Those dropped in the meantime are not lost.
        lost &= self._held.keys()
        self._elsewhere |= {self._held.pop(update_id) for update_id in lost}
        return lost

    async def claim(self) -> list[dict[str, Any]]:
        """What nobody holds any more, from each lane the oldest: it is ours now."""
        claimed = await self._inbox.claim(self._bot_id)
        self._elsewhere = set(claimed.elsewhere)
        self._held |= {raw["update_id"]: lane_of(raw) for raw in claimed.updates}
        return claimed.updates

    async def listen(self) -> None:
        """Hear what other processes keep and leave, until cancelled."""
        async for lane in self._inbox.heard(self._bot_id):
            if lane:
                self._elsewhere.add(lane)
            else:
                self.changed.set()

    async def drop(self, update_id: int) -> None:
        """Until it is gone: left behind, it would be handled again by some later process."""
        while True:
            try:
                await self._inbox.drop(self._bot_id, update_id)
            except CoreError as error:
                log.debug("a kept update is not dropped yet: %s", error)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self._held.pop(update_id, None)
                if self._elsewhere:
                    self.changed.set()
                return

    def let_go(self, update_id: int) -> None:
        """It is not handled here any more: its lease runs out, and somebody claims it."""
        self._held.pop(update_id, None)

    async def release(self) -> None:
        """Leave what is held to others, at once."""
        if not self._held:
            return
        try:
            await self._inbox.release(self._bot_id)
        except CoreError as error:
            log.info("kept updates are left to run out: %s", error)
