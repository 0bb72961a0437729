"""How much waits in the database, for all processes together."""

from __future__ import annotations

from dataclasses import dataclass

from core.database import Database


@dataclass(frozen=True, slots=True)
class Queues:
    """Counts, and seconds that the oldest of what waits has waited. Turns that `failed` wait for
    the person to try again; updates that did, for an operator. `unasked` are deliveries that
    nobody waits for."""

    turns_waiting: int
    turns_running: int
    turns_failed: int
    turns_oldest_seconds: float
    deliveries_waiting: int
    deliveries_unasked: int
    deliveries_oldest_seconds: float
    updates_waiting: int
    updates_failed: int


async def read_queues(db: Database) -> Queues:
    """Raises `Unavailable`."""
    row = await db.call("queue_state")
    turns, deliveries, updates = row["turns"], row["deliveries"], row["updates"]
    return Queues(
        turns_waiting=turns["waiting"],
        turns_running=turns["running"],
        turns_failed=turns["failed"],
        turns_oldest_seconds=turns["oldest_seconds"],
        deliveries_waiting=deliveries["waiting"],
        deliveries_unasked=deliveries["unasked"],
        deliveries_oldest_seconds=deliveries["oldest_seconds"],
        updates_waiting=updates["waiting"],
        updates_failed=updates["failed"],
    )
