"""The queue between Telegram and one bot, with the rules of getUpdates.

An update leaves the queue when a higher offset is asked for, or when it is too old: a day for
most, 150 seconds for a pressed button.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import orjson

from bot.playground.refusals import conflict
from bot.playground.shapes import Json

DAY = 86_400.0
CALLBACK_LIFE = 150.0
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True)
class Entry:
    """`lane` is what keeps order: updates of one lane reach a webhook one after another."""

    update_id: int
    body: bytes
    lane: str
    expires_at: float


class UpdateQueue:
    """`allowed` empty means everything but the kinds a bot must ask for by name."""

    def __init__(self, clock: Callable[[], float], next_id: int) -> None:
        self._clock = clock
        self._pending: OrderedDict[int, Entry] = OrderedDict()
        self._again: list[Entry] = []
        self._confirmed: deque[Entry] = deque(maxlen=10_000)
        self._soonest = math.inf
        self._waiter: asyncio.Future[None] | None = None
        self.next_id = next_id
        self.allowed: list[str] = []
        self.on_push: Callable[[Entry], None] | None = None
        self.on_kept: Callable[[Entry], None] | None = None
        self.on_gone: Callable[[Entry], None] | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def entries(self) -> list[Entry]:
        self._expire()
        return list(self._pending.values())

    def push(self, kind: str, payload: Json, lane: str, life: float = DAY) -> int | None:
        """The new update's id, None where the bot does not listen to this kind."""
        if (kind not in self.allowed) if self.allowed else (kind in NOT_BY_DEFAULT):
            return None
        update_id = self.next_id
        self.next_id += 1
        body = orjson.dumps({"update_id": update_id, kind: payload})
        self.keep(Entry(update_id, body, lane, self._clock() + life))
        return update_id

    def keep(self, entry: Entry) -> None:
        self._pending[entry.update_id] = entry
        self._soonest = min(self._soonest, entry.expires_at)
        if self.on_kept:
            self.on_kept(entry)
        if self.on_push:
            self.on_push(entry)
        self._wake()

    def restore(self, entries: Iterable[Entry]) -> None:
        for entry in sorted(entries, key=lambda e: e.update_id):
            self._pending[entry.update_id] = entry
            self._soonest = min(self._soonest, entry.expires_at)
            self.next_id = max(self.next_id, entry.update_id + 1)

    def done(self, update_id: int) -> None:
        """Confirm one update: a webhook answered 2xx."""
        if entry := self._pending.pop(update_id, None):
            self._confirmed.append(entry)
            if self.on_gone:
                self.on_gone(entry)

    def drop_all(self) -> None:
        while self._pending:
            self.done(next(iter(self._pending)))

    def redeliver(self, count: int) -> int:
        """Send the last `count` confirmed updates once more, with the ids they had."""
        chosen = list(self._confirmed)[-count:] if count > 0 else []
        if self.on_push:
            for entry in chosen:
                self.on_push(entry)
        else:
            self._again.extend(chosen)
            self._wake()
        return len(chosen)

    async def get(self, offset: int, limit: int, timeout: float) -> bytes:
        """A JSON array. The request that waits is the one refused when another one comes."""
        self.interrupt(
            "terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        self._confirm(offset)
        self._expire()
        if not self._pending and not self._again and timeout > 0:
            waiter = self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout):
                    await waiter
            except TimeoutError:
                return b"[]"
            finally:
                if self._waiter is waiter:
                    self._waiter = None
        return self._batch(limit)

    def release(self) -> None:
        """Answer the request that waits with what there is."""
        self._wake()

    def interrupt(self, why: str) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(conflict(why))
        self._waiter = None

    def _batch(self, limit: int) -> bytes:
        again, self._again = self._again[:limit], self._again[limit:]
        bodies = [entry.body for entry in again]
        for entry in self._pending.values():
            if len(bodies) >= limit:
                break
            bodies.append(entry.body)
        return b"[" + b",".join(bodies) + b"]"

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            ids = list(self._pending)
            offset = ids[offset] if len(ids) >= -offset else 0
        while self._pending and (first := next(iter(self._pending))) < offset:
            self.done(first)

    def _expire(self) -> None:
        now = self._clock()
        if self._soonest > now:
            return
        for entry in [e for e in self._pending.values() if e.expires_at <= now]:
            del self._pending[entry.update_id]
            if self.on_gone:
                self.on_gone(entry)
        self._soonest = min((e.expires_at for e in self._pending.values()), default=math.inf)

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
