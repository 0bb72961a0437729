"""What became of a delivery, told to the log and to whoever observes."""

from __future__ import annotations

import logging

from core import Delivery, DeliveryReport, tell, write_line

log = logging.getLogger("bot.delivery")

SLOW_SECONDS = 5.0


def tell_of(delivery: Delivery, outcome: str, reason: str | None, seconds: float) -> None:
    """`outcome` is `delivered`, `postponed` or `failed`, `reason` why, in a word or two."""
    report = DeliveryReport(delivery.type, outcome, reason, delivery.attempt, seconds)
    smooth = outcome == "delivered" and delivery.attempt == 1 and seconds < SLOW_SECONDS
    fields = {
        "delivery": delivery.id,
        "message_id": delivery.message_id,
        "user": delivery.user_id,
        "type": delivery.type,
        "attempt": delivery.attempt,
        "reason": reason,
        "send_ms": round(seconds * 1000),
    }
    write_line(log, logging.DEBUG if smooth else logging.INFO, f"delivery {outcome}", fields)
    tell(report)
