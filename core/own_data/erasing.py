"""The worker that erases whoever has asked to be forgotten and whose time has come.

Files leave the store before anything forgets their names, rows go table by table in batches, then
comes the last word, and then the person. A kill at any point leaves a row with a lease that runs
out, and the next worker begins with what is still there.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from core.database import Database
from core.errors import CoreError, LeaseLost
from core.files import FileStore
from core.own_data.front import Farewell
from core.own_data.waking import Waking

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
ROWS = 1000
"""Erased in one call: some tens of milliseconds."""
_PATHS = 200


class Erasing:
    def __init__(self, db: Database, store: FileStore, farewell: Farewell, waking: Waking) -> None:
        self._db = db
        self._store = store
        self._farewell = farewell
        self._waking = waking

    async def run(self) -> None:
        """Until cancelled: one person after the other."""
        while True:
            try:
                worked = await self.once()
            except CoreError as error:
                log.warning("nobody is looked for who is to be erased: %s", error)
                worked = False
            if not worked:
                await self._waking.wait()

    async def once(self) -> bool:
        """Erase the one who has waited longest; false if nobody's time has come."""
        row = (await self._db.call("claim_erasure", lease_seconds=LEASE_SECONDS))["erasure"]
        if row is None:
            return False
        run = _Run(self._db, self._store, self._farewell, row)
        try:
            await run.whole()
        except LeaseLost:
            log.info("another process goes on with an erasure")
        except Exception as error:
            if isinstance(error, CoreError):
                log.warning("an erasure pauses: %s", error)
            else:
                log.exception("an erasure broke off")
            with suppress(CoreError):
                await run.put_off(min(3600, 5 * 2 ** min(row["attempt"], 10)))
        return True


class _Run:
    """One try at one person."""

    def __init__(
        self, db: Database, store: FileStore, farewell: Farewell, row: dict[str, Any]
    ) -> None:
        self._db = db
        self._store = store
        self._farewell = farewell
        self._mine = {"user_id": row["user_id"], "lease": row["lease"]}

    async def whole(self) -> None:
        await self._files()
        rows = await self._rows()
        told = await self._db.call("take_farewell", **self._mine)
        if told["first"]:
            for chat in told["chats"]:
                await self._farewell(chat["chat_id"], chat["language"])
        await self._db.call("finish_erasure", **self._mine)
        log.info("a person is forgotten: %d rows", rows)

    async def put_off(self, seconds: int) -> None:
        await self._db.call("postpone_erasure", **self._mine, seconds=seconds)

    async def _files(self) -> None:
        row = await self._named()
        for folder in row["folders"]:
            # What a killed process has put there and nobody has written down goes as well.
            paths = [path async for path in self._store.under(folder)]
            for start in range(0, len(paths), _PATHS):
                await self._store.delete(paths[start : start + _PATHS])
                await self._named()
        while row["paths"]:
            await self._store.delete(row["paths"])
            await self._db.call("drop_files", **self._mine, paths=row["paths"])
            row = await self._named()

    async def _named(self) -> Any:
        return await self._db.call(
            "erasure_files", **self._mine, lease_seconds=LEASE_SECONDS, limit=_PATHS
        )

    async def _rows(self) -> int:
        rows, place = 0, 0
        while True:
            step = await self._db.call(
                "erase_step", **self._mine, lease_seconds=LEASE_SECONDS, place=place, limit=ROWS
            )
            if not step["erased"]:
                return rows
            rows += step["erased"]
            place = step["place"]
