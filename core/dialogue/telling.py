"""Other processes hear of what was received, after it is stored and without holding anybody up.

NOTIFY takes a lock on the whole database until its transaction is on the disk, so it has a
transaction of its own, which waits for no disk and carries all words that have come together.
"""

from __future__ import annotations

import logging

from core.background import Background
from core.database import Database
from core.errors import CoreError

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Words of one call: at most 8,000 bytes each by PostgreSQL's rule, and ours have sixty."""


class Telling:
    """Best effort: whoever is not told polls. Silent over a transport that can't notify."""

    def __init__(self, db: Database, background: Background) -> None:
        self._db = db
        self._background = background
        self._words: list[str] = []
        self._running = False

    def tell(self, word: str) -> None:
        if not self._db.notifies:
            return
        self._words.append(word)
        if not self._running:
            self._running = True
            self._background.spawn(self._tell(), "tell of turns")

    async def _tell(self) -> None:
        try:
            while self._words:
                words, self._words = self._words[:AT_ONCE], self._words[AT_ONCE:]
                await self._db.call("tell_turns", words=words)
        except CoreError as error:
            log.debug("other processes are not told: %s", error)
            self._words.clear()
        finally:
            self._running = False
