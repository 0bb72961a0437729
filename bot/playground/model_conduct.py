"""How the scripted model behaves: its speed, its failures, and the record of what it was asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.playground.model_answer import Answer, cut_up
from bot.playground.model_asked import LETTERS_PER_TOKEN, Asked
from bot.playground.model_journal import ANSWERS, ModelJournal
from bot.playground.model_refusals import CutOff, ModelRefusal
from bot.playground.model_reply import calls_wanted, reply, scripted_calls
from bot.playground.model_words import Reply

NATURAL_PAUSE = 0.05
SLOW_START = 12.0
SLOW_PAUSE = 0.35
HANG = 3600.0


@dataclass(slots=True)
class Conduct:
    """Seconds. `total` None: the natural speed. `tokens`: how many pieces the answer comes in.

    Rates are even shares of the calls. `failures` are statuses taken in turn for `failure_rate`;
    `next_failures` strike the next calls one by one, whatever the rate. Both, and cuts and hangs,
    strike the endpoints named (`requests`, `transcriptions`, `speeches`, `realtime`,
    `moderations`), or all.

    `transcript` None: prepared words; empty: nothing could be made out. `hearing` and `speaking`
    are how long a transcription and the first sound take, None: as `first_token`.

    Each of `tool_calls` is what one request that offers tools is answered with: an object with
    `name` and `arguments` (JSON or text, right or wrong), or a list of such.

    `flagged` are the categories that moderation sees in every text, `moderating` how long it looks.
    """

    first_token: float = 0.4
    total: float | None = None
    tokens: int | None = None
    text: str | None = None
    failure_rate: float = 0.0
    cut_rate: float = 0.0
    hang_rate: float = 0.0
    failures: list[int] = field(default_factory=lambda: [500])
    next_failures: list[int] = field(default_factory=list[int])
    retry_after: int | None = None
    endpoints: list[str] = field(default_factory=list[str])
    tool_calls: list[Any] = field(default_factory=list[Any])
    transcript: str | None = None
    hearing: float | None = None
    speaking: float | None = None
    flagged: list[str] = field(default_factory=list[str])
    moderating: float | None = None
    journal_bodies: int = 100


class ScriptedModel:
    def __init__(self) -> None:
        self.conduct = Conduct()
        self.journal = ModelJournal(self.conduct.journal_bodies)
        self._owed: dict[tuple[str, str], float] = {}
        self._failed = 0

    def behave(self, conduct: Conduct) -> None:
        self.conduct = conduct
        self._owed.clear()
        self.journal.resize(conduct.journal_bodies)

    async def think(self, endpoint: str, usual: float, own: float | None) -> None:
        """Wait before the first sign of an answer. Raises `CutOff` where it is to break off."""
        hangs = self._due(endpoint, "hang", self.conduct.hang_rate)
        cut = self._due(endpoint, "cut", self.conduct.cut_rate)
        await asyncio.sleep(HANG if hangs else usual if own is None else own)
        if cut:
            raise CutOff

    def answer(self, asked: Asked) -> Answer:
        """What to say and how, or the failure that is due."""
        conduct = self.conduct
        self.fail_if_due(ANSWERS)
        hangs = self._due(ANSWERS, "hang", conduct.hang_rate)
        cut = self._due(ANSWERS, "cut", conduct.cut_rate)
        scripted = conduct.tool_calls and asked.tools
        calls = scripted_calls(conduct.tool_calls.pop(0)) if scripted else []
        if conduct.text is not None:
            said = Reply(conduct.text, "")
        else:
            calls = calls or calls_wanted(asked)
            said = Reply("", "") if calls else reply(asked)
        if said.mood == "error":
            raise ModelRefusal(500, "The server had an error while processing your request.")
        text = said.text if asked.limit is None else said.text[: asked.limit * LETTERS_PER_TOKEN]
        pieces = cut_up(text, calls, conduct.tokens)
        first, pause = conduct.first_token, NATURAL_PAUSE
        if conduct.total is not None:
            pause = max(0.0, conduct.total - first) / max(1, len(pieces) - 1)
        elif len(text) > 3000:
            pause = NATURAL_PAUSE / 4
        if said.mood == "slow":
            first, pause = SLOW_START, SLOW_PAUSE
        if hangs:
            first = HANG
        middle = len(pieces) // 2 if cut or said.mood == "break" else None
        return Answer(text, len(text) < len(said.text), tuple(calls), pieces, first, pause, middle)

    def fail_if_due(self, endpoint: str) -> None:
        conduct = self.conduct
        if conduct.next_failures and self._strikes(endpoint):
            status = conduct.next_failures.pop(0)
        elif conduct.failures and self._due(endpoint, "failure", conduct.failure_rate):
            status = conduct.failures[self._failed % len(conduct.failures)]
            self._failed += 1
        else:
            return
        if status == 429:
            raise ModelRefusal(
                429,
                "Rate limit reached for requests",
                code="rate_limit_exceeded",
                retry_after=conduct.retry_after,
            )
        raise ModelRefusal(status, "The server had an error while processing your request.")

    def _strikes(self, endpoint: str) -> bool:
        return not self.conduct.endpoints or endpoint in self.conduct.endpoints

    def _due(self, endpoint: str, what: str, rate: float) -> bool:
        if rate <= 0 or not self._strikes(endpoint):
            return False
        owed = self._owed.get((endpoint, what), 0.0) + rate
        due = owed >= 1.0
        self._owed[endpoint, what] = owed - 1.0 if due else owed
        return due
