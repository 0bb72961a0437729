"""An answer of the scripted model: its words, its calls of tools, and how they are timed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from bot.playground.model_refusals import CutOff

PIECE = 12
CALL_PIECE = 60


def _new_id() -> str:
    return f"call_{secrets.token_urlsafe(18)}"


@dataclass(frozen=True, slots=True)
class Call:
    """`arguments` is what the model wrote, JSON or not."""

    name: str
    arguments: str
    id: str = field(default_factory=_new_id)


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A part of the arguments of the call number `index`; the first one opens the call."""

    index: int
    call: Call
    arguments: str


Piece = str | CallPiece


@dataclass(frozen=True, slots=True)
class Answer:
    """`short`: ended by the caller's limit of tokens. Seconds: `first` until the first piece,
    `pause` between two."""

    text: str
    short: bool
    calls: tuple[Call, ...]
    pieces: tuple[Piece, ...]
    first: float
    pause: float
    cut_after: int | None

    async def stream(self) -> AsyncIterator[Piece]:
        """Raises `CutOff` where the answer is to break off."""
        await asyncio.sleep(self.first)
        for number, piece in enumerate(self.pieces):
            if number == self.cut_after:
                raise CutOff
            if number:
                await asyncio.sleep(self.pause)
            yield piece


def cut_up(text: str, calls: Sequence[Call], count: int | None) -> tuple[Piece, ...]:
    """Text in `count` pieces, None: of a natural size. Without calls there is always one."""
    size = PIECE if count is None else max(1, -(-len(text) // max(1, count)))
    pieces: list[Piece] = [text[at : at + size] for at in range(0, len(text), size)]
    for index, call in enumerate(calls):
        written = call.arguments
        pieces += [
            CallPiece(index, call, written[at : at + CALL_PIECE])
            for at in range(0, len(written) or 1, CALL_PIECE)
        ]
    return tuple(pieces) or ("",)
