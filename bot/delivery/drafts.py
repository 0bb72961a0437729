"""The growing answer on the person's screen: previews that must cost little and never do harm.

Every draft has one timer and at most one frame in flight. All drafts share a budget of frames, so
that a thousand of them leave the processor to the answers.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from aiogram import Bot

from bot.delivery.draft import Draft
from bot.delivery.quiet import Doing
from core import Background

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, but for the counts. Telegram forgets a draft 30 s after its last frame."""

    frame: float = 0.4
    frames_per_second: float = 60
    in_flight: int = 64
    thinking_after: float = 0.5
    thinking_up_to: int = 30
    """With more drafts than this nobody is shown an empty one."""
    silence: float = 10
    keep_alive: float = 20
    typing: float = 4.5
    request: float = 8
    farewell: float = 2


class Drafts:
    """All drafts of one bot. On a server that knows no drafts it is "typing…" instead, for good."""

    def __init__(self, bot: Bot, background: Background, pace: Pace | None = None) -> None:
        self.bot = bot
        self.background = background
        self.pace = pace or Pace()
        self.supported = True
        self.active = 0
        self._in_flight = 0
        self._queue: deque[Draft] = deque()
        self._free_at = 0.0

    def open(
        self,
        chat_id: int,
        thread_id: int | None,
        draft_id: int,
        waiting: Sequence[str],
        doing: Doing,
    ) -> Draft:
        """A draft to use with `async with`. `draft_id` must not be 0.

        `waiting` are living phrases in the person's language: the first is shown after some 10 s
        without words, the others after as long again each. `doing` gives those for what is being
        done, the first of which is shown at once. A group is shown "typing…", and chat 0
        (nobody's) nothing.
        """
        return Draft(self, chat_id, thread_id, draft_id, waiting, doing)

    @property
    def interval(self) -> float:
        """Seconds between two frames of one draft; grows with the number of drafts."""
        crowded = self.active / self.pace.frames_per_second
        return min(max(self.pace.frame, crowded), self.pace.keep_alive)

    def slot(self, now: float, first: bool) -> float:
        """When the next frame may go out. First words go at once; later frames make up for them."""
        free = min(max(now, self._free_at), now + self.pace.keep_alive)
        self._free_at = free + 1 / self.pace.frames_per_second
        return now if first else free

    def launch(self, draft: Draft) -> None:
        if self._in_flight >= self.pace.in_flight:
            self._queue.append(draft)
            return
        self._in_flight += 1
        draft.sending = self.background.spawn(self._send(draft), "draft frame")

    async def _send(self, draft: Draft) -> None:
        try:
            await draft.send_frame()
        except Exception:
            log.exception("a draft ends early")
            draft.close()
        finally:
            self._in_flight -= 1
            draft.frame_ended()
            while self._queue and self._in_flight < self.pace.in_flight:
                self.launch(self._queue.popleft())
