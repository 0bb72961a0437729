"""Open pages, and the events each of them is waiting for."""

from __future__ import annotations

import asyncio

import orjson

from bot.playground.shapes import Json


class Watchers:
    """A page that does not read for long is cut off: it refetches the chat when it is back."""

    def __init__(self, backlog: int = 1000) -> None:
        self._backlog = backlog
        self._queues: dict[int, set[asyncio.Queue[bytes | None]]] = {}

    def any(self, person_id: int) -> bool:
        return person_id in self._queues

    def people(self) -> list[int]:
        return list(self._queues)

    def open(self, person_id: int) -> asyncio.Queue[bytes | None]:
        """Server-sent events, ready to write; None means the stream is over."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._queues.setdefault(person_id, set()).add(queue)
        return queue

    def close(self, person_id: int, queue: asyncio.Queue[bytes | None]) -> None:
        queues = self._queues.get(person_id, set())
        queues.discard(queue)
        if not queues:
            self._queues.pop(person_id, None)

    def close_all(self) -> None:
        for queues in self._queues.values():
            for queue in queues:
                queue.put_nowait(None)

    def emit(self, person_id: int, event: str, data: Json) -> None:
        queues = self._queues.get(person_id)
        if not queues:
            return
        frame = b"event: " + event.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
        for queue in queues:
            if queue.qsize() < self._backlog:
                queue.put_nowait(frame)
            elif queue.qsize() == self._backlog:
                queue.put_nowait(None)
