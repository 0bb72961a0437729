"""Files that nobody has written down are swept: a process was killed between the two."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from core.database import Database
from core.errors import CoreError
from core.files import FileStore

log = logging.getLogger(__name__)

_OLD = timedelta(days=1)
"""What is younger may be on its way into the database."""
_BATCH = 200
_FIRST_SECONDS = 600.0
_EVERY_SECONDS = 6 * 3600.0
_ONCE_SECONDS = _EVERY_SECONDS * 0.8
"""Less than the shortest pause: who is alone always gets its turn."""


class Sweeper:
    def __init__(self, db: Database, store: FileStore) -> None:
        self._db = db
        self._store = store

    async def sweep(self) -> int:
        """Delete what was put more than a day ago and the database does not name. How many that
        were, counting those that somebody has put anew meanwhile: they stay."""
        swept = 0
        batch: list[str] = []
        before = datetime.now(UTC) - _OLD
        async for path, put_at in self._store.kept():
            if put_at < before:
                batch.append(path)
            if len(batch) == _BATCH:
                swept += await self._sweep(batch, before)
                batch = []
        return swept + await self._sweep(batch, before)

    async def run(self) -> None:
        """Sweep now and then, until cancelled: of several processes one does it for all."""
        await _pause(_FIRST_SECONDS)
        while True:
            try:
                await self._store.tidy()
                if await self._first() and (swept := await self.sweep()):
                    log.info("%d files that belong to nobody are swept", swept)
            except CoreError as error:
                log.warning("files are not swept: %s", error)
            await _pause(_EVERY_SECONDS)

    async def _first(self) -> bool:
        row = await self._db.call(
            "take_lock",
            name="once:sweep of the file store",
            holder=secrets.token_hex(16),
            seconds=_ONCE_SECONDS,
        )
        return row["held"]

    async def _sweep(self, paths: Sequence[str], before: datetime) -> int:
        if not paths:
            return 0
        row = await self._db.call("unknown_files", paths=paths)
        # The database's word decides about what was asked, and about nothing else.
        unknown = sorted(set(paths) & set(row["paths"]))
        if unknown:
            # The same bytes may have been put anew since the store was listed.
            await self._store.delete(unknown, put_before=before)
        return len(unknown)


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds * random.uniform(0.9, 1.1))  # noqa: S311 - spreads the load
