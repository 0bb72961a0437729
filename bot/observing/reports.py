"""What the front end tells of, beside what core does."""

from __future__ import annotations

from dataclasses import dataclass

from core import Report


@dataclass(frozen=True, slots=True)
class TelegramCall(Report):
    """One request to the Bot API. `outcome` is `ok`, `flood`, or a kind of refusal or failure;
    `flood_seconds` is how long Telegram asked to wait."""

    method: str
    outcome: str
    seconds: float
    flood_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class UpdateReport(Report):
    """One update that was handled, or given up. `kind` is its field: `message`, `callback_query`
    and so on; `seconds` counts all tries."""

    kind: str
    outcome: str
    seconds: float
