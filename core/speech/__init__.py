"""Hearing and speaking: one interface each, with model servers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.llm import Usage


@dataclass(frozen=True, slots=True)
class Heard:
    """`text` is empty where nothing could be made out. `seconds` as the server counts them, None
    if it says nothing of it."""

    text: str
    seconds: float | None
    usage: Usage | None
    model: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """`ogg` is OGG/Opus, as Telegram wants voice messages. `seconds` is its length if known."""

    ogg: bytes
    seconds: float | None
    usage: Usage | None
    model: str
    request_id: str | None


class Hearing(Protocol):
    provider: str
    model: str

    async def hear(self, sound: Path, name: str, languages: Sequence[str]) -> Heard:
        """One attempt, no deadline of its own. `name` must carry an extension the servers know
        (see `core.speech.names`); `languages` are hints, likeliest first. Raises `CallFailed`."""
        ...

    async def close(self) -> None: ...


class Speaking(Protocol):
    provider: str
    model: str
    voice: str

    async def speak(self, text: str, language: str) -> Spoken:
        """One attempt, no deadline of its own. `text` has at most `SPOKEN_CHARACTERS` and no
        markup. Raises `CallFailed`."""
        ...

    async def close(self) -> None: ...


SPOKEN_CHARACTERS = 1_500
