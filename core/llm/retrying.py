"""When a call of a model server is made again. The only place that repeats one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from core.errors import ModelDown, ModelRejected
from core.llm.failures import CallFailed
from core.observing import lasting

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

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


async def repeated(call: Callable[[int, float], Awaitable[T]], deadlines: Deadlines) -> T:
    """What `call(attempt, seconds)` returns, made again after every `CallFailed` that may pass.

    Attempts count from 1; `seconds` is what is left of `deadlines.total`, to be kept by the call
    itself. Raises `ModelRejected` at once where repeating can't help, and `ModelDown` when the
    tries or the time are used up; the last `CallFailed` is the cause of both. Anything else that
    the call raises, a cancellation included, propagates at once.
    """
    from tenacity import AsyncRetrying, retry_if_exception

    clock = asyncio.get_running_loop().time
    ends = clock() + deadlines.total
    made = 0

    async def once() -> T:
        nonlocal made
        made += 1
        return await call(made, ends - clock())

    def enough(state: RetryCallState) -> bool:
        left = ends - clock() - state.upcoming_sleep
        return state.attempt_number >= deadlines.tries or (
            left < deadlines.first_token * _WORTH_TRYING
        )

    policy = AsyncRetrying(
        retry=retry_if_exception(_may_help),
        stop=enough,
        wait=lambda state: _pause(state, deadlines.pause),
        sleep=_rest,
        reraise=True,
    )
    try:
        return await policy(once)
    except CallFailed as failed:
        if failed.rejected is not None:
            detail = failed.detail or failed.code
            raise ModelRejected(failed.rejected, detail, failed.code) from failed
        raise ModelDown(f"{failed} ({made} tries)") from failed


async def _rest(seconds: float) -> None:
    with lasting("pause"):
        await asyncio.sleep(seconds)


def _may_help(error: BaseException) -> bool:
    return isinstance(error, CallFailed) and error.rejected is None


def _pause(state: RetryCallState, first: float) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, CallFailed) and error.retry_after is not None:
        # Never earlier than asked, and not everybody at the same moment.
        return error.retry_after + random.uniform(0, first)  # noqa: S311
    longest = min(_LONGEST_PAUSE, first * 2 ** (state.attempt_number - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311
