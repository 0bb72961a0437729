"""One growing answer on the person's screen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
)
from aiogram.methods import SendChatAction, SendMessageDraft

from bot.delivery.quiet import Doing, QuietLines
from bot.delivery.text import Piece, preview
from core import Busy

if TYPE_CHECKING:
    from bot.delivery.drafts import Drafts

log = logging.getLogger(__name__)


class Draft:
    """One growing answer. Nothing here raises into the turn; a lost frame is no loss."""

    __slots__ = (
        "_awake",
        "_chat_id",
        "_closed",
        "_draft_id",
        "_drafts",
        "_faults",
        "_in_flight",
        "_loop",
        "_not_before",
        "_quiet",
        "_sent",
        "_sent_at",
        "_source",
        "_text",
        "_thread_id",
        "_timer",
        "_typing",
        "sending",
        "shown_words",
    )

    def __init__(
        self,
        drafts: Drafts,
        chat_id: int,
        thread_id: int | None,
        draft_id: int,
        waiting: Sequence[str],
        doing: Doing,
    ) -> None:
        self._drafts = drafts
        self._chat_id = chat_id
        self._thread_id = thread_id
        self._draft_id = draft_id
        self._typing = chat_id < 0
        self._loop = asyncio.get_running_loop()
        self._not_before = self._loop.time()
        self._quiet = QuietLines(waiting, doing, drafts.pace.silence, self._not_before)
        self._closed = True
        self._in_flight = self._awake = False
        self._timer: asyncio.TimerHandle | None = None
        self._text = self._source = ""
        self._sent: Piece | None = None
        self._sent_at = 0.0
        self._faults = 0
        self.sending: asyncio.Task[None] | None = None
        self.shown_words = False

    async def __aenter__(self) -> Self:
        if self._chat_id:
            self._closed = False
            self._drafts.active += 1
            self._plan()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """A frame in flight is waited for: behind the real message it would be a ghost of it."""
        self.close()
        if self.sending:
            try:
                await asyncio.wait({self.sending}, timeout=self._drafts.pace.farewell)
            finally:
                if self.sending:
                    self.sending.cancel()

    def show(self, markdown: str) -> None:
        """The whole text so far. The newest wins, the first words go out at once."""
        self._text = markdown
        self._changed()

    def busy(self, doing: Busy | None, done: int = 0, total: int = 0) -> None:
        """What is being done before words can come, None when it is over."""
        if self._quiet.busy(doing, done, total, self._loop.time()):
            self._changed()

    def close(self) -> None:
        """Nothing new is sent from now on. Leaving the `async with` does this too."""
        if not self._closed:
            self._closed = True
            self._drafts.active -= 1
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def frame_ended(self) -> None:
        self.sending = None
        self._in_flight = False
        if not self._closed:
            self._plan()

    def _changed(self) -> None:
        if not (self._closed or self._in_flight or self._awake):
            self._plan()

    @property
    def _types(self) -> bool:
        return self._typing or not self._drafts.supported

    @property
    def _has_news(self) -> bool:
        return self._text != self._source and not self._text.isspace() and not self._types

    def _plan(self) -> None:
        self._awake = self._has_news
        due = self._loop.time() if self._awake else self._next_quiet_frame()
        self._wake_at(max(due, self._not_before), self._reserve)

    def _next_quiet_frame(self) -> float:
        pace, now = self._drafts.pace, self._loop.time()
        if self._types:
            return self._sent_at + pace.typing if self._sent_at else now
        since = self._quiet.since
        again = self._sent_at + pace.keep_alive if self._sent_at else since + pace.silence
        if self._source:
            return again
        if self._quiet.line(now) != (self._sent.text if self._sent else ""):
            return now
        if not self._sent_at and self._drafts.active <= pace.thinking_up_to:
            return since + pace.thinking_after
        return min(again, self._quiet.next_at(now) or again)

    def _wake_at(self, when: float, then: Callable[[], None]) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if when <= self._loop.time():
            then()
        else:
            self._timer = self._loop.call_at(when, then)

    def _reserve(self) -> None:
        now = self._loop.time()
        first = self._awake and not self.shown_words
        self._wake_at(self._drafts.slot(now, first), self._launch)

    def _launch(self) -> None:
        self._timer = None
        self._in_flight, self._awake = True, False
        self._drafts.launch(self)

    async def send_frame(self) -> None:
        """Used by `Drafts` alone."""
        now = self._loop.time()
        self._not_before = now + self._drafts.interval
        if self._closed:
            return
        if self._types:
            await self._type(now)
            return
        piece = self._next_piece(now)
        if piece is None:
            return
        if self._faults:
            piece = Piece(piece.text, [])
        frame = SendMessageDraft(
            chat_id=self._chat_id,
            message_thread_id=self._thread_id,
            draft_id=self._draft_id,
            text=piece.text,
            entities=piece.entities or None,
            parse_mode=None,
            can_stop=True,
        )
        self._sent, self._sent_at = piece, now
        try:
            await self._drafts.bot(frame, request_timeout=round(self._drafts.pace.request))
        except AiogramError as error:
            self._source, self._sent = "", None
            self._lost(error)
            if self._types:
                self._sent_at = 0.0

    def _next_piece(self, now: float) -> Piece | None:
        if self._text and not self._text.isspace():
            self._source = self._text
            piece = preview(self._text)
            self.shown_words = self.shown_words or bool(piece.text)
        else:
            self._source = ""
            piece = Piece(self._quiet.line(now), [])
        stale = now - self._sent_at >= self._drafts.pace.keep_alive - 0.001
        return piece if piece != self._sent or stale else None

    async def _type(self, now: float) -> None:
        self._sent_at = now
        action = SendChatAction(
            chat_id=self._chat_id,
            message_thread_id=self._thread_id,
            action="upload_document" if self._quiet.doing == "making" else "typing",
        )
        try:
            await self._drafts.bot(action, request_timeout=round(self._drafts.pace.request))
        except TelegramRetryAfter as error:
            self._not_before = self._loop.time() + error.retry_after
        except AiogramError:
            pass

    def _lost(self, error: AiogramError) -> None:
        match error:
            case TelegramRetryAfter():
                self._not_before = self._loop.time() + error.retry_after
            case TelegramForbiddenError():
                self.close()
            case TelegramNotFound() | TelegramBadRequest() if _unknown_method(error):
                log.warning("this Bot API server has no drafts, showing typing instead")
                self._drafts.supported = False
            case TelegramBadRequest():
                self._faults += 1
                self._typing = self._faults > 2
                log.info("a draft was refused: %s", error.message)
            case _:
                self._not_before = max(self._not_before, self._loop.time() + 1)


def _unknown_method(error: TelegramNotFound | TelegramBadRequest) -> bool:
    message = error.message.lower()
    unknown = "not found" in message or "not supported" in message or "unknown" in message
    return isinstance(error, TelegramNotFound) or ("method" in message and unknown)
