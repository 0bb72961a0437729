"""All bounds of all problems. docs/operations.md has them as a table.

A problem begins beyond one bound and ends on the good side of another, and its end is told only
when it has stayed away for a while: a value at the bound tells nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ProblemName = Literal[
    "model_key",
    "model_quota",
    "model_gone",
    "model_request",
    "model_down",
    "turn_failed",
    "update_failed",
    "second_poller",
    "webhook_elsewhere",
    "queue_grows",
    "deliveries_fail",
    "disk_full",
    "database_full",
    "database_away",
    "budget_near",
    "budget_spent",
    "clock_off",
]

SETTLE_SECONDS: Mapping[str, int] = {
    "model_key": 15,
    "model_quota": 15,
    "model_gone": 15,
    "model_request": 600,
    "model_down": 120,
    "turn_failed": 0,
    "update_failed": 0,
    "second_poller": 0,
    "webhook_elsewhere": 0,
    "queue_grows": 60,
    "deliveries_fail": 120,
    "disk_full": 120,
    "database_full": 60,
    "database_away": 60,
    "budget_near": 0,
    "budget_spent": 0,
    "clock_off": 60,
}
"""So long it must stay away before its end is told."""

LASTS_SECONDS: Mapping[str, int] = {
    "turn_failed": 3600,
    "update_failed": 3600,
    "second_poller": 400,
    "webhook_elsewhere": 200,
    "disk_full": 600,
    "clock_off": 600,
}
"""Those whose end nobody sees: not met again for so long, they are over. Disks and clocks are seen
by their own machine every half minute, as long as a process runs there."""

TOLD_AT_THE_START_ALONE = frozenset[str]({"budget_near"})
"""A new day is no news."""

QUEUE_SECONDS = 60
QUEUE_WELL_SECONDS = 20
"""How long the oldest turn has waited: beyond the first at two looks, and longer at the second."""

DELIVERIES_SHARE = 0.2
DELIVERIES_LEAST = 5
DELIVERIES_WELL_SHARE = 0.05
"""Of deliveries within ten minutes, those that failed or had to be repeated: from so many on."""

UPDATE_SECONDS = 600
"""An update that was given up within this is news."""

DISK_BYTES = 1 << 30
DISK_SHARE = 0.05
DISK_WELL_BYTES = 3 << 29
DISK_WELL_SHARE = 0.07
"""Free space: below either of the first two; above both of the others."""

BUDGET_NEAR_SHARE = 0.8
BUDGET_SPENT_SHARE = 1.0

CLOCK_SECONDS = 60.0
CLOCK_WELL_SECONDS = 30.0
"""How far this machine's clock is off the database's, for certain."""

DATABASE_SECONDS = 60.0
"""The database has taken no writes for so long."""
