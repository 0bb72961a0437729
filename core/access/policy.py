"""The operator's policy as the database keeps it."""

from __future__ import annotations

from typing import Any, Literal, get_args

from core.settings import CoreSettings

Level = Literal["guest", "member", "admin", "blocked"]
_BOUNDED: tuple[Level, ...] = get_args(Level)[:3]
_BOUNDS = ("tokens_per_day", "messages_per_minute", "messages_per_day")


def policy_of(settings: CoreSettings) -> dict[str, Any]:
    """What `set_policy` takes; bounds of 0 are none."""
    return {
        "mode": settings.access_mode,
        "guest_messages": settings.guest_messages,
        "admin_telegram_ids": settings.admin_ids,
        "limits": {
            level: {bound: getattr(settings, f"{level}_{bound}") for bound in _BOUNDS}
            for level in _BOUNDED
        },
        "budget": {
            "tokens_per_day": settings.budget_tokens_per_day,
            "usd_per_day": settings.budget_usd_per_day,
        },
    }
