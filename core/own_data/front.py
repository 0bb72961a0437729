"""What the workers of one's own data need of a front end: words, and a way to the person."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.dialogue.messages import Entry
from core.errors import CoreError


class Unreachable(CoreError):
    """The person has blocked the bot or is gone: nothing can be sent to them."""


@dataclass(frozen=True, slots=True)
class ExportJob:
    """`place` is where the next volume begins, None at the beginning; `volumes` have been sent.
    `message_id` names the message that shows the progress, once there is one."""

    id: str
    lease: str
    attempt: int
    chat_id: int
    thread_id: int | None
    message_id: int | None
    place: dict[str, Any] | None
    volumes: int
    created_at: datetime
    language: str
    timezone: str | None
    messages: int
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class VisionHead:
    """`number` counts from 1, the oldest first."""

    id: str
    number: int
    title: str
    status: str
    messages: int
    created_at: datetime


class ReadyVolume(Protocol):
    """A whole zip. `number` counts from 1."""

    @property
    def number(self) -> int: ...

    @property
    def size(self) -> int: ...

    def read(self) -> AsyncGenerator[bytes, None]:
        """From its beginning, each time."""
        ...


class ExportWords(Protocol):
    """What the archive says and what its folders and files are called, in one language."""

    def folder(self, vision: VisionHead) -> str: ...

    def dialogue(self, vision: VisionHead, entries: Sequence[Entry]) -> str:
        """A stretch of it as Markdown, with a heading of its own."""
        ...

    def file(self, row: dict[str, Any]) -> str:
        """A name that no other file has, for a row of `files`."""
        ...

    def readme(self, visions: Sequence[VisionHead]) -> str: ...


class ExportFront(Protocol):
    """Sending raises `Unavailable` where trying later may help, and `Unreachable`."""

    def words(self, job: ExportJob) -> ExportWords: ...

    async def progress(self, job: ExportJob, percent: int) -> int | None:
        """Show it; the id of the message that does, if it is known. Raises nothing."""
        ...

    async def send(self, job: ExportJob, volume: ReadyVolume, *, last: bool) -> None: ...

    async def finished(self, job: ExportJob, volumes: int, left_out: Sequence[str]) -> None:
        """All has been sent but the files `left_out`: lost, or too heavy. Raises nothing."""
        ...

    async def failed(self, job: ExportJob) -> None:
        """It will not be tried again. Raises nothing."""
        ...


class Farewell(Protocol):
    async def __call__(self, chat_id: int, language: str) -> None:
        """The last word. Raises nothing, and is never repeated."""
        ...
