"""The contract between the product and its base: named SQL functions, whatever carries the call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Argument = None | bool | int | float | str | Sequence[str] | Mapping[str, Any]


class Database(Protocol):
    @property
    def notifies(self) -> bool:
        """Whether `notifications` ever gives anything; without, listeners poll more often."""
        ...

    async def call(self, function: str, /, **arguments: Argument) -> Any:
        """Run `public.<function>` and return its jsonb.

        Arguments are sent by name with the prefix `p_` (`user_id=` becomes `p_user_id`), times as
        ISO 8601 text, objects as jsonb. Raises a `DomainError` for the rules of the product and
        `Unavailable` after the transport's own short retries; every function is idempotent, so the
        caller may repeat the call with the same arguments.
        """
        ...

    def notifications(self, channel: str) -> AsyncIterator[str]:
        """Payloads of NOTIFY on `channel`, for ever, reconnecting by itself.

        Best effort: some transports have none and stay silent, so the listener polls as well.
        """
        ...

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        """Wait until no other process holds `name`, then hold it. Lost with the connection."""
        ...

    async def close(self) -> None: ...
