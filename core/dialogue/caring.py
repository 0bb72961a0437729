"""Before the companion: whoever speaks of taking their life or of self-harm gets another answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.background import Background
from core.care import Care
from core.dialogue.crafting import KeptFile
from core.dialogue.front import Front, Preview
from core.dialogue.replying import Companion, Reply
from core.dialogue.turn import Turn


class CaringCompanion:
    """Stands before the companion. The list of phrases is looked through first; the moderation, if
    there is one, is asked while the companion begins, whose words are held back until it has
    answered."""

    def __init__(self, companion: Companion, care: Care, background: Background) -> None:
        self._companion = companion
        self._care = care
        self._background = background

    async def prepare(self, turn: Turn, front: Front, preview: Preview) -> bool:
        return await self._companion.prepare(turn, front, preview)

    async def answer(
        self, turn: Turn, preview: Preview, show: Callable[[str], None], given: list[KeptFile]
    ) -> Reply:
        words = own_words(turn)
        if self._care.spoken_of(words):
            return self._caring(turn, words)
        if not self._care.asks:
            return await self._companion.answer(turn, preview, show, given)
        held = _Held(show)
        answer = self._background.spawn(
            self._companion.answer(turn, preview, held.show, given), "answer", awaited=True
        )
        try:
            if await self._care.flagged(turn.user_id, turn.vision_id, words):
                await _stopped(answer)
                given.clear()
                return self._caring(turn, words)
            held.release()
            return await answer
        finally:
            await _stopped(answer)

    def _caring(self, turn: Turn, words: list[str]) -> Reply:
        return Reply.of_care(self._care.answer(words, turn.language, turn.timezone))


def own_words(turn: Turn) -> list[str]:
    """What the person has said: written, spoken, below their files; and what they forwarded. Not
    what stands in pictures and documents."""
    words: list[str] = []
    for said in turn.unanswered:
        if said.type in ("image", "file"):
            words += [file.caption for file in said.files if file.caption]
        else:
            words.append(said.content)
    return words


class _Held:
    """The newest words, kept from being shown until they may be."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._newest: str | None = None
        self._free = False

    def show(self, text: str) -> None:
        if self._free:
            self._show(text)
        else:
            self._newest = text

    def release(self) -> None:
        self._free = True
        if self._newest is not None:
            self._show(self._newest)


async def _stopped(answer: asyncio.Task[Reply]) -> None:
    if not answer.done():
        answer.cancel()
        await asyncio.wait({answer})
    if not answer.cancelled():
        answer.exception()  # has been heard, so that nobody reports it as missed
