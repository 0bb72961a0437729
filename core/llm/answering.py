"""When to ask the model again. The only place that repeats a model call."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.errors import Filtered, ModelDown, ModelRejected
from core.llm import Done
from core.llm.failures import CallFailed

if TYPE_CHECKING:
    from tenacity import RetryCallState

_LONGEST_PAUSE = 8.0
# With less of its first-token time left, a try would only be paid for and then thrown away.
_WORTH_TRYING = 0.1


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: to the first sign of the answer, between two signs, and for all tries together.

    `pause` is the first wait between tries; it doubles, up to 8 s, with jitter.
    """

    first_token: float = 25.0
    gap: float = 15.0
    total: float = 180.0
    tries: int = 5
    pause: float = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """`finished` is False when the text breaks off: the length limit, or no try came to its end.

    `done` belongs to the try the text is from, None if that try broke off.
    """

    text: str
    finished: bool
    done: Done | None
    tries: int


class Call(Protocol):
    def __call__(
        self, on_text: Callable[[str], None], attempt: int, seconds: float, /
    ) -> Awaitable[Done]:
        """Make one attempt within `seconds`, hand every delta to `on_text`; attempts count from 1.

        Raises `CallFailed`, for an empty answer too: see `call_model_and_log_tokens`.
        """
        ...


async def answer(
    call: Call,
    deadlines: Deadlines,
    on_text: Callable[[str], None] | None = None,
) -> Answer:
    """An answer within the deadlines, made again from scratch after every failed try.

    `on_text` gets the whole text of the running try so far. Cancelling stops at once and
    propagates; what has been said is with `on_text`'s owner.

    Raises `ModelRejected` or `Filtered` at once where repeating can't help, and `ModelDown` when
    nothing at all came. Where tries were used up but some text came, returns the longest one,
    unfinished.
    """
    from tenacity import AsyncRetrying, retry_if_exception

    clock = asyncio.get_running_loop().time
    tries = _Tries(call, deadlines, clock() + deadlines.total, on_text)

    def enough(state: RetryCallState) -> bool:
        left = tries.ends - clock() - state.upcoming_sleep
        return state.attempt_number >= deadlines.tries or (
            left < deadlines.first_token * _WORTH_TRYING
        )

    policy = AsyncRetrying(
        retry=retry_if_exception(_may_help),
        stop=enough,
        wait=lambda state: _pause(state, deadlines.pause),
        reraise=True,
    )
    try:
        return await policy(tries.one)
    except CallFailed as failed:
        if failed.rejected is not None:
            raise ModelRejected(failed.rejected, failed.detail or failed.code) from failed
        if tries.longest:
            return Answer(tries.longest, finished=False, done=None, tries=tries.made)
        raise ModelDown(f"{failed} ({tries.made} tries)") from failed


class _Tries:
    def __init__(
        self,
        call: Call,
        deadlines: Deadlines,
        ends: float,
        on_text: Callable[[str], None] | None,
    ) -> None:
        self.ends = ends
        self.made = 0
        self.longest = ""
        self._call = call
        self._deadlines = deadlines
        self._on_text = on_text

    async def one(self) -> Answer:
        self.made += 1
        said = ""

        def heard(delta: str) -> None:
            nonlocal said
            said += delta
            if self._on_text:
                self._on_text(said)

        seconds = self.ends - asyncio.get_running_loop().time()
        try:
            done = await self._call(heard, self.made, seconds)
        except CallFailed:
            if said.strip() and len(said) > len(self.longest):
                self.longest = said
            raise
        if not done.text.strip():
            # Only a filter leaves nothing without failing. The same words would meet it again, so
            # the answer is no at once, instead of five paid times.
            raise Filtered("the server's content filter left nothing of the answer")
        return Answer(done.text, done.finish != "length", done, self.made)


def _may_help(error: BaseException) -> bool:
    return isinstance(error, CallFailed) and error.rejected is None


def _pause(state: RetryCallState, first: float) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, CallFailed) and error.retry_after is not None:
        # Never earlier than asked, and not everybody at the same moment.
        return error.retry_after + random.uniform(0, first)  # noqa: S311
    longest = min(_LONGEST_PAUSE, first * 2 ** (state.attempt_number - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311
