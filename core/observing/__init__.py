"""What happened, told to whoever wants to know: metrics, or a turn that adds its own calls up.

Both the observer and the marks of log lines go with the context, so whatever a turn or an update
sets off tells of itself under their name, in however many tasks.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


class Report:
    """What may be told. Figures and machine names only: nothing that a person wrote."""

    __slots__ = ()


class Observer(Protocol):
    def happened(self, report: Report) -> None:
        """Called in the middle of the work: must be quick, and must not raise."""
        ...


@dataclass(frozen=True, slots=True)
class Lasted(Report):
    """A stage of some work is over."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CallReport(Report):
    """One call of a model, of ears or of a voice, however it ended.

    `model` is the one that was asked for. `outcome` is `ok`, `failed`, `cut`, `timeout` or
    `stopped`, `code` the server's own word for a failure, `rejected` says what an operator has to
    mend first: `quota`, `key`, `model` or `request`. `request_id` is the server's for the request,
    `response_id` its name of the answer.
    """

    purpose: str
    model: str
    outcome: str
    code: str | None
    attempt: int
    seconds: float
    first_seconds: float | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    request_id: str | None
    response_id: str | None
    rejected: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport(Report):
    """One attempt at a delivery. `outcome` is `delivered`, `postponed` or `failed`, `reason` one
    of a few words where it was not delivered; `seconds` is how long it was being sent."""

    type: str
    outcome: str
    reason: str | None
    attempt: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TurnBegan(Report):
    """A `TurnReport` will follow."""


@dataclass(frozen=True, slots=True)
class TurnReport(Report):
    """One turn, from its claim until its words were with the person, or were left to the sweep.

    `outcome` is `answered`, `unfinished`, `stopped`, `filtered`, `failed`, `lost`, `given_back` or
    `interrupted`; `error` says why it failed or was lost. Seconds, None for what did not take
    place: `queued` until it was claimed, `prepare` for files to be fetched, heard and read,
    `burst` waiting for more messages, `first_words` from the claim, `model` for all its answers
    with the pauses between tries, `making` files, `complete` in the database, `deliver`, `total`;
    `own` is what is left of it without `prepare`, `burst`, `model`, `making` and `deliver`.

    Tokens are those of all calls, files' included. `calls` counts those for the answer, `rounds`
    the ones that came to their end; the ids are of the last of them.
    """

    turn: str
    vision_id: str
    user_id: str
    outcome: str
    error: str | None
    code: str | None
    attempt: int
    messages: int
    files: int
    joined: int
    calls: int
    rounds: int
    queued: float | None
    prepare: float | None
    burst: float | None
    first_words: float | None
    model: float | None
    making: float | None
    complete: float | None
    deliver: float | None
    own: float
    total: float
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    request_id: str | None
    response_id: str | None


class _Nobody:
    def happened(self, report: Report) -> None:
        pass


_NOBODY: Observer = _Nobody()
_NO_MARKS: Mapping[str, str] = {}
_observer: ContextVar[Observer] = ContextVar("observer", default=_NOBODY)
_marks: ContextVar[Mapping[str, str]] = ContextVar("marks", default=_NO_MARKS)


def tell(report: Report) -> None:
    _observer.get().happened(report)


def observer() -> Observer:
    """Who is told at this place."""
    return _observer.get()


@contextmanager
def observed(by: Observer) -> Generator[None]:
    """`by` is told of all that begins inside, tasks that outlive it included."""
    token = _observer.set(by)
    try:
        yield
    finally:
        _observer.reset(token)


@contextmanager
def lasting(stage: str) -> Generator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        tell(Lasted(stage, time.monotonic() - began))


def marks() -> Mapping[str, str]:
    """What log lines of this context are marked with."""
    return _marks.get()


@contextmanager
def marked(**added: str) -> Generator[None]:
    """Log lines of all that begins inside carry these; no names and no words of people."""
    token = _marks.set({**_marks.get(), **added})
    try:
        yield
    finally:
        _marks.reset(token)
