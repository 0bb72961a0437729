"""A person's limits in words: their own, and those of their level."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts import Words
from core import LIMITS, LimitName, PersonCard


def limit_lines(card: PersonCard, words: Words) -> str:
    """HTML, a line for each."""
    return "\n".join(
        words(
            "admin-limit-line",
            limit=words.plain("admin-limit-name", limit=limit),
            value=limit_value(card, limit, words),
        )
        for limit in LIMITS
    )


def limit_value(card: PersonCard, limit: LimitName, words: Words) -> str:
    if limit in card.limits:
        return words.plain("admin-limit-own", value=_bound(card.limits[limit], words))
    return _bound(card.level_limits.get(limit, 0), words)


def changed_limits(limits: Mapping[str, int | None], words: Words) -> str:
    """What an admin has set, in one line."""
    told: list[str] = []
    for limit, value in limits.items():
        name = words.plain("admin-limit-name", limit=limit)
        if value is None:
            told.append(words.plain("admin-act-limit-level", limit=name))
        else:
            told.append(words.plain("admin-act-limit-own", limit=name, value=_bound(value, words)))
    return "; ".join(told)


def _bound(value: int, words: Words) -> str:
    return (
        words.plain("admin-limit-value", value=value) if value else words.plain("admin-limit-none")
    )
