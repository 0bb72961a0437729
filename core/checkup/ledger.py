"""Token rows of calls that are made before anybody knows whether there is a database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from core.checkup import Verdict, fine
from core.database import Argument, Database


class Ledger:
    """A `Database` that only takes rows for `tokenscount`, to be written into the real one."""

    notifies = False

    def __init__(self) -> None:
        self._rows: list[dict[str, Argument]] = []

    async def call(self, function: str, /, **arguments: Argument) -> Any:
        if function != "log_tokens":
            raise ValueError(f"a ledger takes no calls of {function}")
        self._rows.append(arguments)
        return {}

    def notifications(self, channel: str) -> AsyncIterator[str]:
        raise NotImplementedError

    def exclusive(self, name: str) -> AbstractAsyncContextManager[None]:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is held open."""

    async def write(self, db: Database) -> Verdict:
        """Write what has come together, once."""
        rows, self._rows = self._rows, []
        for row in rows:
            await db.call("log_tokens", **row)
        tokens = sum(int(str(row["totaltokens"] or 0)) for row in rows)
        calls = "1 call" if len(rows) == 1 else f"{len(rows)} calls"
        return fine(f"{calls} with {tokens} tokens, as purpose «doctor»")
