"""Long documents, retold part by part."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from core.dialogue.prompt import shortened
from core.dialogue.turn import Turn
from core.errors import Filtered, ModelDown
from core.llm import ChatMessage, Done
from core.llm.prompts import filled

log = logging.getLogger(__name__)

PART_CHARACTERS = 24_000
AT_ONCE = 3
CHARACTERS_PER_WORD = 7
FEWEST_WORDS, MOST_WORDS = 20, 150

Ask = Callable[[Turn, list[ChatMessage]], Awaitable[Done]]


class Retelling:
    """`ask` raises `ModelError`."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def __call__(self, turn: Turn, name: str, text: str, limit: int) -> tuple[str, bool]:
        """At most `limit` characters, and whether they tell of every part. Parts for which the
        model was down are left out; raises `ModelDown` where it was for all of them."""
        parts = split(text, PART_CHARACTERS)
        words = min(MOST_WORDS, max(FEWEST_WORDS, limit // (CHARACTERS_PER_WORD * len(parts))))
        room = asyncio.Semaphore(AT_ONCE)

        async def retell(number: int, part: str) -> str:
            instruction = filled(
                "retell",
                turn.language,
                number=str(number),
                total=str(len(parts)),
                name=name,
                words=str(words),
            )
            messages = [ChatMessage("system", instruction), ChatMessage("user", part)]
            async with room:
                done = await self._ask(turn, messages)
            return f"{number}/{len(parts)}. {done.text.strip()}"

        told = await asyncio.gather(
            *(retell(number, part) for number, part in enumerate(parts, 1)),
            return_exceptions=True,
        )
        return shortened("\n".join(_came(told)), limit), all(isinstance(t, str) for t in told)


def split(text: str, characters: int) -> list[str]:
    """Parts of at most `characters`, cut at line ends or spaces where there are any."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > characters:
        window = rest[:characters]
        cut = max(window.rfind("\n"), window.rfind(" "))
        cut = cut if cut >= characters // 2 else characters
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*parts, rest] if rest else parts


def _came(told: Sequence[str | BaseException]) -> list[str]:
    failures = [each for each in told if isinstance(each, BaseException)]
    for failure in failures:
        if not isinstance(failure, ModelDown | Filtered):
            raise failure
    if len(failures) == len(told):
        raise failures[0]
    if failures:
        log.warning("%d of %d parts of a document were not retold", len(failures), len(told))
    return [each for each in told if isinstance(each, str)]
