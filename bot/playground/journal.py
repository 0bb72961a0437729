"""What the bots did, for tests and benchmarks: every send with its time, and counts of calls."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Container
from itertools import islice
from typing import NamedTuple

from bot.playground.shapes import Json


class Sent(NamedTuple):
    """`file` is the `file_unique_id` of what was sent, `uploaded` its bytes, 0 for a file that
    was sent by its id."""

    seq: int
    time: float
    method: str
    bot: int
    chat: int
    message_id: int
    text: str
    file: str = ""
    uploaded: int = 0


class Journal:
    """`seq` starts at 1 and has no gaps. The oldest entries fall out after `size`."""

    def __init__(self, clock: Callable[[], float], size: int = 100_000) -> None:
        self._clock = clock
        self._sent: deque[Sent] = deque(maxlen=size)
        self._waiters: list[asyncio.Future[None]] = []
        self.last_seq = 0
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.uploads: Counter[str] = Counter()
        self.uploaded_bytes: Counter[str] = Counter()

    def sent(
        self,
        method: str,
        bot: int,
        chat: int,
        message_id: int,
        text: str,
        *,
        file: str = "",
        uploaded: int = 0,
    ) -> None:
        self.last_seq += 1
        now = self._clock()
        self._sent.append(
            Sent(self.last_seq, now, method, bot, chat, message_id, text, file, uploaded)
        )
        if uploaded:
            self.uploads[method] += 1
            self.uploaded_bytes[method] += uploaded
        if self._waiters:
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)
            self._waiters.clear()

    def since(
        self, seq: int, methods: Container[str] | None = None, chat: int | None = None
    ) -> list[Sent]:
        first = self._sent[0].seq if self._sent else 1
        return [
            entry
            for entry in islice(self._sent, max(0, seq + 1 - first), None)
            if (methods is None or entry.method in methods) and chat in (None, entry.chat)
        ]

    async def wait(
        self,
        seq: int,
        seconds: float,
        methods: Container[str] | None = None,
        chat: int | None = None,
        count: int = 1,
    ) -> list[Sent]:
        """As `since`, but waits up to `seconds` until `count` entries fit; then what there is."""
        found: list[Sent] = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found += self.since(seq, methods, chat)
                    seq = self.last_seq
                    if len(found) >= count:
                        break
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.append(waiter)
                    await waiter
        except TimeoutError:
            pass
        return found

    def counters(self) -> Json:
        """`uploads` are files, `uploaded_bytes` their sizes, both by method."""
        return {
            "calls": dict(self.calls),
            "refused": dict(self.refused),
            "uploads": dict(self.uploads),
            "uploaded_bytes": dict(self.uploaded_bytes),
        }

    def clear(self) -> None:
        """Forget entries and counts; `seq` goes on."""
        self._sent.clear()
        self.calls.clear()
        self.refused.clear()
        self.uploads.clear()
        self.uploaded_bytes.clear()
