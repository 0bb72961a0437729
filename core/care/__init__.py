"""Care for somebody who speaks of taking their life or harming themselves.

What is found here is told to nobody: the fixed answer stands in the dialogue like any other, and no
log, metric or table says whose it was.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Literal, Protocol

from core.care.help_lines import HelpLines, country_of
from core.care.phrases import phrases

log = logging.getLogger(__name__)

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")


class Moderation(Protocol):
    async def flags(self, user_id: str, vision_id: str, text: str) -> bool:
        """Whether the model's server sees self-harm in the text. Does not raise; False where it
        could not tell in time."""
        ...


class Care:
    """`moderation` None: the list of phrases is all there is."""

    def __init__(self, lines: HelpLines, moderation: Moderation | None = None) -> None:
        self._lines = lines
        self._moderation = moderation

    def warm(self) -> None:
        """Have the lists ready, a tenth of a second that the first turn need not take."""
        for language in LANGUAGES:
            phrases(language)

    def spoken_of(self, texts: Sequence[str]) -> bool:
        """Whether the list of phrases finds it in what was said, one text after another."""
        whole = "\n".join(texts)
        return any(phrases(language).found_in(whole) for language in LANGUAGES)

    @property
    def asks(self) -> bool:
        """Whether there is somebody else to ask, which takes its time."""
        return self._moderation is not None

    async def flagged(self, user_id: str, vision_id: str, texts: Sequence[str]) -> bool:
        """Whether the model's server finds it. Does not raise."""
        whole = "\n".join(texts).strip()
        if not whole or self._moderation is None:
            return False
        return await self._moderation.flags(user_id, vision_id, whole)

    def answer(self, texts: Sequence[str], language: str, timezone: str | None) -> str:
        """The caring answer, in Markdown: in the language of the words, else the person's own."""
        spoken = _language_of(texts, language)
        lines = self._lines.of(country_of(timezone, language))
        told = "\n".join(f"- **{line.contact}** — {line.about[spoken]}" for line in lines)
        return Template(_answer(spoken)).substitute(lines=told)


@cache
def _answer(language: Language) -> str:
    return files("core.care").joinpath(f"answer.{language}.md").read_text(encoding="utf-8").strip()


def _language_of(texts: Sequence[str], language: str) -> Language:
    letters = [letter for text in texts for letter in text.casefold() if letter.isalpha()]
    cyrillic = sum("а" <= letter <= "ӿ" for letter in letters)
    latin = sum("a" <= letter <= "z" for letter in letters)
    if cyrillic == latin:
        return "en" if language == "en" else "ru"
    return "ru" if cyrillic > latin else "en"
