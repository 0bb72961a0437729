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

    def put(self, lane: Hashable, job: Job) -> asyncio.Future[None]:
        """The future is done when the job is; it carries the job's error."""
        future = asyncio.get_running_loop().create_future()
        if lane in self._lanes:
            self._lanes[lane].append((job, future))
        else:
            self._lanes[lane] = deque([(job, future)])
            self._background.spawn(self._work(lane), f"lane {lane}")
        return future

    async def _work(self, lane: Hashable) -> None:
        queue = self._lanes[lane]
        try:
            while queue:
                job, future = queue.popleft()
                try:
                    await job()
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
