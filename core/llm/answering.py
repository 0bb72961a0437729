"""An answer out of several tries at it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from core.errors import Filtered, ModelDown
from core.llm import Done
from core.llm.failures import CallFailed
from core.llm.retrying import Deadlines, repeated

__all__ = ["Answer", "Call", "Deadlines", "answer"]


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
    tries = _Tries(call, on_text)
    try:
        return await repeated(tries.one, deadlines)
    except ModelDown:
        if tries.longest:
            return Answer(tries.longest, finished=False, done=None, tries=tries.made)
        raise


class _Tries:
    def __init__(self, call: Call, on_text: Callable[[str], None] | None) -> None:
        self.made = 0
        self.longest = ""
        self._call = call
        self._on_text = on_text

    async def one(self, attempt: int, seconds: float) -> Answer:
        self.made = attempt
        said = ""

        def heard(delta: str) -> None:
            nonlocal said
            said += delta
            if self._on_text:
                self._on_text(said)

        try:
            done = await self._call(heard, attempt, seconds)
        except CallFailed:
            if said.strip() and len(said) > len(self.longest):
                self.longest = said
            raise
        if not done.text.strip() and not done.tool_calls:
            # Only a filter leaves nothing without failing. The same words would meet it again, so
            # the answer is no at once, instead of five paid times.
            raise Filtered("the server's content filter left nothing of the answer")
        return Answer(done.text, done.finish != "length", done, attempt)
