"""An inbox of several processes without a database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from core import CoreError, Unavailable
from core.inbox import Claimed


@dataclass
class Shelf:
    """What is written down. The database may be away."""

    updates: dict[int, dict[str, Any]] = field(default_factory=dict)
    lanes: dict[int, str] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    away: bool = False
    trouble: CoreError = field(default_factory=lambda: Unavailable("away"))

    def put(self, raw: dict[str, Any], lane: str, holder: str = "") -> None:
        """`holder` empty: nobody's."""
        number = raw["update_id"]
        self.updates[number] = raw
        self.lanes[number] = lane
        self.holders.setdefault(number, holder)

    def free(self, holder: str) -> None:
        """As if its leases had run out."""
        for number, name in self.holders.items():
            if name == holder:
                self.holders[number] = ""

    def check(self) -> None:
        if self.away:
            raise self.trouble

    def waiting(self) -> list[int]:
        return sorted(self.updates.keys() - self.failed.keys())


class Inbox:
    """One process's view of the shelf, with the verbs of `core.Inbox`."""

    notifies = True

    def __init__(self, shelf: Shelf, holder: str = "me") -> None:
        self._shelf = shelf
        self._holder = holder

    async def keep(self, bot_id: int, update_id: int, payload: Any, *, lane: str) -> None:
        self._shelf.check()
        self._shelf.put(payload, lane, self._holder)

    async def leave(self, bot_id: int, update_id: int, payload: Any, *, lane: str) -> None:
        self._shelf.check()
        self._shelf.put(payload, lane)
        if self._shelf.holders[update_id] == self._holder:
            self._shelf.holders[update_id] = ""

    async def write_off(
        self, bot_id: int, update_id: int, payload: Any, *, lane: str, error: str
    ) -> None:
        self._shelf.check()
        self._shelf.put(payload, lane)
        self._shelf.failed[update_id] = error

    async def claim(self, bot_id: int) -> Claimed:
        shelf = self._shelf
        shelf.check()
        seen: set[str] = set()
        claimed: list[dict[str, Any]] = []
        for number in shelf.waiting():
            first = shelf.lanes[number] not in seen
            seen.add(shelf.lanes[number])
            if first and not shelf.holders[number]:
                shelf.holders[number] = self._holder
                claimed.append(shelf.updates[number])
        mine = {number for number, name in shelf.holders.items() if name == self._holder}
        return Claimed(claimed, {shelf.lanes[number] for number in set(shelf.waiting()) - mine})

    async def renew(self, bot_id: int, update_ids: Collection[int]) -> set[int]:
        """What is not renewed runs out at once."""
        self._shelf.check()
        held = {number for number, name in self._shelf.holders.items() if name == self._holder}
        mine = held - self._shelf.failed.keys()
        for number in mine - set(update_ids):
            self._shelf.holders[number] = ""
        return mine & set(update_ids)

    async def release(self, bot_id: int) -> None:
        self._shelf.check()
        self._shelf.free(self._holder)

    async def drop(self, bot_id: int, update_id: int) -> None:
        self._shelf.check()
        for table in (self._shelf.updates, self._shelf.lanes, self._shelf.holders):
            table.pop(update_id, None)

    async def heard(self, bot_id: int) -> Any:
        return
        yield
