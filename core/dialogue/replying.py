"""Who answers a turn, and what they say, as the turn sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.dialogue.crafting import KeptFile
from core.dialogue.front import Front, Preview
from core.dialogue.turn import Turn


@dataclass(frozen=True, slots=True)
class Reply:
    """What the companion says. `finished` is False when the text breaks off. `care`: the fixed
    answer to somebody in danger, which is only read."""

    text: str
    finished: bool
    care: bool = False

    @classmethod
    def silent(cls) -> Reply:
        """Nothing to say of one's own: the app's notices tell it all."""
        return cls("", finished=True)

    @classmethod
    def of_care(cls, text: str) -> Reply:
        return cls(text, finished=True, care=True)


class Companion(Protocol):
    async def prepare(self, turn: Turn, front: Front, preview: Preview) -> bool:
        """Make words of the turn's files. True if there were any: the turn is to be read again.

        Raises `ModelError`, and `Unavailable` when a file could not be had or kept just now.
        """
        ...

    async def answer(
        self, turn: Turn, preview: Preview, show: Callable[[str], None], given: list[KeptFile]
    ) -> Reply:
        """`show` gets the whole text so far, `given` every file as it is made: both stand when the
        call is stopped. Raises `ModelError` when there is nothing to say and nothing to give."""
        ...
