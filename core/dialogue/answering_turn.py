"""The life of one claimed turn, from the first call of the model to the stored answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal, TypeVar

from core.background import Background
from core.database import Database
from core.database.patience import patiently
from core.dialogue.crafting import KeptFile
from core.dialogue.delivery import Delivery
from core.dialogue.front import Front, Preview
from core.dialogue.outcomes import Outcomes
from core.dialogue.parts import about_files, notice, parts_of
from core.dialogue.replying import Companion, Reply
from core.dialogue.turn import Turn
from core.errors import (
    CoreError,
    FetchFailed,
    Filtered,
    Gone,
    LeaseLost,
    ModelDown,
    ModelError,
    Unavailable,
)
from core.observing import marked, observed
from core.observing.reasons import reason
from core.observing.turn_trace import TurnTrace

log = logging.getLogger(__name__)

T = TypeVar("T")

JOINS = 3
"""How often a running call is stopped and made again for messages that came before its words."""

QUIET_SECONDS = 0.3
QUIET_AT_MOST_SECONDS = 1.5
"""After a join the rest of the burst is waited for, so that one call is made for all of it."""

CLAIMS_AT_MOST = 10
"""A turn whose workers keep dying is taken for the cause of it and given up."""

Signal = Literal["join", "stop", "lost", "give back"]


class AnsweringTurn:
    def __init__(
        self,
        db: Database,
        background: Background,
        companion: Companion,
        front: Front,
        turn: Turn,
        reload: Callable[[Turn], Awaitable[Turn]],
        *,
        speaks: bool = False,
    ) -> None:
        self._outcomes = Outcomes(db)
        self._background = background
        self._companion = companion
        self._front = front
        self._reload = reload
        self._speaks = speaks
        self.turn = turn
        self.done: asyncio.Task[None]
        self._call: asyncio.Task[Any] | None = None
        self._preparing = False
        self._preview: Preview | None = None
        self._signal: Signal | None = "stop" if turn.stop_requested else None
        self._newest = turn.upto
        self._joins = 0
        self._edited = False
        self._text = ""
        self._given: list[KeptFile] = []
        self._trace = TurnTrace(turn.lease, queued=turn.waited_seconds)

    def start(self, ended: Callable[[AnsweringTurn], None]) -> None:
        self.done = self._background.spawn(self._run(ended), f"turn {self.turn.vision_id}")

    # Signals: each ends the running call, which is counted as stopped.

    def arrived(self, message_id: int) -> None:
        if message_id > self._newest:
            self._newest = message_id
            self._join()

    def edited(self, message_id: int) -> None:
        # A later message waits for the next turn, which will read its new words by itself.
        if message_id <= self.turn.upto:
            self._edited = True
            self._join()

    def stop(self) -> None:
        self._interrupt("stop")

    def lost(self) -> None:
        """Another worker has the lease, or the vision is gone."""
        self._interrupt("lost")

    def give_back(self) -> None:
        self._interrupt("give back")

    def _join(self) -> None:
        if self._joins < JOINS and self._preview and not self._preview.shown_words:
            self._interrupt("join")

    def _interrupt(self, signal: Signal) -> None:
        if self._signal in (None, "join"):
            self._signal = signal
            # What is being heard and read belongs to the turn whatever joins it.
            if self._call and not (self._preparing and signal == "join"):
                self._call.cancel()

    # The way of a turn.

    async def _run(self, ended: Callable[[AnsweringTurn], None]) -> None:
        with observed(self._trace), marked(turn=self._trace.mark):
            self._trace.begin()
            try:
                deliveries = await self._answered(ended)
                with self._trace.delivering():
                    await self._front.deliver(self.turn, deliveries)
            finally:
                turn = self.turn
                self._trace.end(
                    vision_id=turn.vision_id,
                    user_id=turn.user_id,
                    attempt=turn.attempt,
                    messages=turn.count,
                    files=len(turn.files),
                )

    async def _answered(self, ended: Callable[[AnsweringTurn], None]) -> list[Delivery]:
        try:
            return await self._answer()
        except (LeaseLost, Gone) as error:
            self._trace.came_to("lost", error.name)
            return []
        except Exception as error:
            log.exception("turn of vision %s failed", self.turn.vision_id)
            return await self._fail(error)
        finally:
            ended(self)

    async def _answer(self) -> list[Delivery]:
        if self.turn.attempt > CLAIMS_AT_MOST:
            return await self._fail(ModelDown(f"{self.turn.attempt} workers did not finish it"))
        async with self._front.preview(self.turn) as self._preview:
            # Kept while the preview is still open: its last frame and the database overlap.
            try:
                reply = await self._talk(self._preview)
            except Filtered:
                self._trace.came_to("filtered")
                return await self._complete([*about_files(self.turn), notice("filtered")])
            except FetchFailed as error:
                return await self._fail(error, "unfetched")
            except (ModelError, Unavailable) as error:
                return await self._fail(error)
            return await self._outcome(reply)

    async def _outcome(self, reply: Reply | None) -> list[Delivery]:
        match self._signal:
            case "lost":
                self._trace.came_to("lost", "lease_lost")
                return []
            case "give back":
                self._trace.came_to("given_back")
                await self._outcomes.release(self.turn)
                return []
            case _:
                parts = parts_of(
                    self.turn,
                    reply,
                    self._text,
                    self._given,
                    edited_late=self._edited,
                    speaks=self._speaks,
                )
                self._trace.came_to(_ending(reply))
                return await self._complete(parts)

    async def _talk(self, preview: Preview) -> Reply | None:
        """The answer, or None where a signal ended the call."""

        def show(text: str) -> None:
            self._text = text
            self._trace.worded()
            preview.show(text)

        while self._signal in (None, "join"):
            if self._signal == "join":
                await self._gather_burst()
                continue
            if any(file.state is None for _, file in self.turn.files):
                self._preparing = True
                with self._trace.stage("prepare"):
                    prepared = self._companion.prepare(self.turn, self._front, preview)
                    await self._until_signal(prepared)
                self._preparing = False
                if self._signal in (None, "join"):
                    await self._read_again()
                continue
            if not self.turn.has_words:
                return Reply.silent()
            self._text, self._given = "", []
            preview.show("")
            work = self._companion.answer(self.turn, preview, show, self._given)
            reply = await self._until_signal(work)
            if reply is not None:
                return reply
        return None

    async def _until_signal(self, work: Coroutine[Any, Any, T]) -> T | None:
        """None where a signal ended it."""
        self._call = self._background.spawn(work, f"answer in {self.turn.vision_id}", awaited=True)
        try:
            return await self._call
        except asyncio.CancelledError:
            ours = asyncio.current_task()
            if self._signal is None or (ours and ours.cancelling()):
                raise
            return None
        finally:
            self._call = None

    async def _gather_burst(self) -> None:
        self._joins += 1
        self._trace.joined = self._joins
        with self._trace.stage("burst"):
            await self._until_quiet()
        if self._signal == "join":
            # Before the reload: what comes during it is a reason of its own.
            self._signal = None
        self._edited = False
        await self._read_again()

    async def _until_quiet(self) -> None:
        loop = asyncio.get_running_loop()
        at_most = loop.time() + QUIET_AT_MOST_SECONDS
        while loop.time() < at_most:
            seen = self._newest
            await asyncio.sleep(QUIET_SECONDS)
            if seen == self._newest:
                break

    async def _read_again(self) -> None:
        self.turn = await patiently("reload_turn", lambda: self._reload(self.turn))
        self._newest = max(self._newest, self.turn.upto)

    async def _complete(self, parts: list[dict[str, Any]]) -> list[Delivery]:
        with self._trace.stage("complete"):
            return await self._outcomes.complete(self.turn, parts)

    async def _fail(self, error: Exception, told: str = "down") -> list[Delivery]:
        """The person gets kind words and a way to try again."""
        # A foreign error may quote a person's words; the log has it whole.
        known = isinstance(error, CoreError)
        self._trace.came_to("failed", reason(error))
        self._front.trouble(error if known else CoreError(type(error).__name__))
        try:
            return await self._outcomes.fail(self.turn, told)
        except CoreError as failure:
            log.info("turn of vision %s could not be failed: %s", self.turn.vision_id, failure)
            return []


def _ending(reply: Reply | None) -> str:
    if reply is None:
        return "stopped"
    return "answered" if reply.finished else "unfinished"
