"""What the product asks of the front end while it answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from core.dialogue.delivery import Delivery
from core.dialogue.turn import Turn
from core.errors import CoreError

Busy = Literal["hearing", "looking", "reading", "making"]


class Preview(Protocol):
    """The growing answer as the person sees it. Only a preview: the stored answer is the truth."""

    @property
    def shown_words(self) -> bool:
        """Whether the person has seen words of it; from then on nothing joins the turn."""
        ...

    def show(self, markdown: str) -> None:
        """The whole text so far; the newest wins, none is promised to be seen. Empty: nothing yet,
        or nothing any more, since the call is made again."""
        ...

    def busy(self, doing: Busy | None, done: int = 0, total: int = 0) -> None:
        """What takes long before words can come; `done` of `total` where there are several."""
        ...


class Front(Protocol):
    def preview(self, turn: Turn) -> AbstractAsyncContextManager[Preview]:
        """Must not raise into the turn, and leaves nothing in flight when it is closed."""
        ...

    async def deliver(self, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        """Send stored words now. What fails here is sent later by the sweep; does not raise.

        Empty: if the turn had words, they wait behind earlier ones for the sweep.
        """
        ...

    def fetch(self, telegram_id: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a file the person sent. Raises `FetchRefused` where that will never work,
        `FetchFailed` where it may work later."""
        ...

    def trouble(self, error: CoreError) -> None:
        """Something the operator should hear of."""
        ...
