"""One thing at a time for each chat, any number of chats at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class ChatLock:
    """First come, first served. Shut, it lets those pass who know what to do instead."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0
        self._shut_until = 0.0

    def shut(self, seconds: float) -> None:
        """For those behind. Opens a little early: whoever shut it comes back after `seconds`."""
        self._shut_until = time.monotonic() + seconds * 0.9

    def shut_for(self) -> float:
        """Seconds for which the chat takes nothing, 0 if it is open."""
        return max(0.0, self._shut_until - time.monotonic())


class ChatLocks:
    def __init__(self) -> None:
        self._lanes: dict[int, ChatLock] = {}
        self._inside = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def enter(self, chat_id: int) -> AsyncGenerator[ChatLock]:
        lane = self._lanes.setdefault(chat_id, ChatLock())
        lane.users += 1
        self._inside += 1
        self._idle.clear()
        try:
            async with lane.lock:
                yield lane
        finally:
            lane.users -= 1
            self._inside -= 1
            if not self._inside:
                self._idle.set()
            self._forget(chat_id, lane)

    async def idle(self, seconds: float) -> None:
        """Until nobody is in any lane, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            pass

    def _forget(self, chat_id: int, lane: ChatLock) -> None:
        if lane.users or self._lanes.get(chat_id) is not lane:
            return
        if shut := lane.shut_for():
            asyncio.get_running_loop().call_later(shut, self._forget, chat_id, lane)
        else:
            del self._lanes[chat_id]
