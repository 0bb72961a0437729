"""Work in lanes: one after another inside a lane, lanes beside each other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable

from core import Background

Job = Callable[[], Awaitable[None]]


class Lanes:
    """A lane lives as long as it has work. A job that raises does not stop the ones behind it."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._lanes: dict[Hashable, deque[tuple[Job, asyncio.Future[None]]]] = {}
        self._running: dict[asyncio.Future[None], asyncio.Timeout] = {}

    def put(self, lane: Hashable, job: Job) -> asyncio.Future[None]:
        """The future is done when the job is; it carries the job's error."""
        future = asyncio.get_running_loop().create_future()
        if lane in self._lanes:
            self._lanes[lane].append((job, future))
        else:
            self._lanes[lane] = deque([(job, future)])
            self._background.spawn(self._work(lane), f"lane {lane}")
        return future

    def withdraw(self, future: asyncio.Future[None]) -> None:
        """Break the job off, or never begin it. The ones behind it go on."""
        if future.cancel() and (scope := self._running.get(future)):
            scope.reschedule(asyncio.get_running_loop().time())

    async def _work(self, lane: Hashable) -> None:
        queue = self._lanes[lane]
        try:
            while queue:
                job, future = queue.popleft()
                try:
                    await self._do(job, future)
                except BaseException as error:
                    if not future.done():
                        future.set_exception(error)
                        # Nobody has to look: a lane's owner may have gone on without it.
                        future.exception()
                    if not isinstance(error, Exception):
                        raise
                else:
                    if not future.done():
                        future.set_result(None)
        finally:
            del self._lanes[lane]
            for _, future in queue:
                future.cancel()

    async def _do(self, job: Job, future: asyncio.Future[None]) -> None:
        if future.cancelled():
            return
        try:
            async with asyncio.timeout(None) as scope:
                self._running[future] = scope
                await job()
        finally:
            del self._running[future]
