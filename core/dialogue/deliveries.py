"""Deliveries as the database keeps them: what is on its way, what arrived, what never will."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Collection
from typing import Any

from core.database import Database
from core.dialogue.attachments import read_attachment
from core.dialogue.delivery import Claimed, Delivery

LEASE_SECONDS = 30


class StoredDeliveries:
    """Every step but `claim`, `renew` and `delivered` raises `LeaseLost` when somebody else has
    taken the delivery over."""

    def __init__(self, db: Database, *, per_second: int) -> None:
        """`per_second` is what all processes together may say unasked."""
        self._db = db
        self._per_second = per_second

    async def claim(self, limit: int) -> Claimed:
        row = await self._db.call(
            "claim_deliveries",
            limit=limit,
            lease_seconds=LEASE_SECONDS,
            per_second=self._per_second,
        )
        return Claimed(list(map(read_delivery, row["deliveries"])), row["unasked"])

    def wakes(self) -> AsyncIterator[str]:
        return self._db.notifications("deliveries")

    async def renew(self, deliveries: Collection[Delivery]) -> Collection[int]:
        row = await self._db.call(
            "renew_deliveries",
            leases={str(delivery.id): delivery.lease for delivery in deliveries},
            lease_seconds=LEASE_SECONDS,
        )
        return frozenset(row["held"])

    async def record(self, delivery: Delivery, index: int, telegram_message_id: int) -> None:
        await self._db.call(
            "record_piece",
            id=delivery.id,
            lease=delivery.lease,
            index=index,
            receipt=telegram_message_id,
        )

    async def delivered(self, delivery: Delivery, telegram_message_ids: list[int]) -> None:
        await self._db.call(
            "mark_delivered",
            id=delivery.id,
            receipts={"ids": telegram_message_ids},
        )

    async def postpone(self, delivery: Delivery, seconds: float, reason: str) -> None:
        await self._db.call(
            "postpone_delivery",
            id=delivery.id,
            lease=delivery.lease,
            seconds=math.ceil(seconds),
            failure=reason,
        )

    async def fail(self, delivery: Delivery, reason: str) -> None:
        """`blocked` is sent again when the person comes back; any other reason is final."""
        await self._db.call("fail_delivery", id=delivery.id, lease=delivery.lease, failure=reason)


def read_delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(
        id=row["id"],
        message_id=row["message_id"],
        lease=row["lease"],
        attempt=row["attempt"],
        user_id=row["user_id"],
        vision_id=row["vision_id"],
        vision_title=row["vision_title"],
        current=row["current"],
        chat_id=row["chat_id"] or 0,
        thread_id=row["thread_id"],
        language=row["language"],
        sender=row["sender"],
        type=row["type"],
        content=row["content"],
        payload=row["payload"],
        attachment=read_attachment(row["file"]) if row["file"] else None,
        reply_to=row["payload"].get("reply_to"),
        sent=tuple(row["sent"]),
        unasked=row["unasked"],
        unclear=row["unclear"],
    )
