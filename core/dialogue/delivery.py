"""Stored words on their way to a person, as core hands them to a front end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.dialogue.attachments import Attachment


@dataclass(frozen=True, slots=True)
class Delivery:
    """One stored message that `lease` allows to be sent now.

    `attempt` counts from 1. `current` says whether the vision is the one the person is in, so that
    words of another one can be told apart. `content` is Markdown; for an `info` message `payload`
    says what to tell. A `file_result` carries its `attachment`, `content` is its caption. An
    `audio` is the voice of an answer: `content` is what to say, `attachment` the sound once it is
    made. `reply_to` is Telegram's id of the person's message that this belongs to. `sent` holds
    Telegram's ids of the pieces already sent, in order: a repeat goes on after them. `chat_id` is
    0 for a person without a Telegram account. `unasked`: nobody waits for it. `unclear` counts the
    attempts that may have reached the person although Telegram's answer was lost.
    """

    id: int
    message_id: int
    lease: str
    attempt: int
    user_id: str
    vision_id: str | None
    vision_title: str
    current: bool
    chat_id: int
    thread_id: int | None
    language: str
    sender: str
    type: str
    content: str
    payload: Mapping[str, Any]
    attachment: Attachment | None
    reply_to: int | None
    sent: tuple[int, ...]
    unasked: bool = False
    unclear: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """`unasked`: words that nobody waits for are left, since Telegram takes only so many a second.
    Look again soon."""

    deliveries: list[Delivery]
    unasked: bool


class Deliveries(Protocol):
    """Every step but `claim`, `renew` and `delivered` raises `LeaseLost` when somebody else has
    taken the delivery over."""

    async def claim(self, limit: int) -> Claimed:
        """What waits to be sent, for each person only the oldest, for half a minute. What is said
        unasked comes after all answers."""
        ...

    def wakes(self) -> AsyncIterator[str]:
        """Something for each time that another process has made room for words that wait."""
        ...

    async def renew(self, deliveries: Collection[Delivery]) -> Collection[int]:
        """Keep what is still being worked on for as long again; the ids that are still ours."""
        ...

    async def record(self, delivery: Delivery, index: int, telegram_message_id: int) -> None:
        """Piece number `index` (from 0) has been sent."""
        ...

    async def delivered(self, delivery: Delivery, telegram_message_ids: list[int]) -> None: ...

    async def postpone(self, delivery: Delivery, seconds: float, reason: str) -> None:
        """Give the lease back; nobody sends it before `seconds` have passed."""
        ...

    async def fail(self, delivery: Delivery, reason: str) -> None:
        """`blocked` is sent again when the person comes back; any other reason is final."""
        ...
