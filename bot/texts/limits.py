"""What a limit is told with: when it is over, in the person's own time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from bot.texts import Words
from bot.texts.dates import clock
from core import Limit, Over, local_time, read_limit, zone_of


def limit_words(over: Over, zone: tzinfo, words: Words) -> str:
    """HTML for the one message that is said of a limit."""
    limit = over.limit
    if limit.until is None:
        return words("limit-guest") if over.kept else words("limit-not-kept-guest")
    when = when_over(limit.until, zone, words)
    if not over.kept:
        return words("limit-not-kept", count=over.held.count, when=when)
    match limit.reason:
        case "minute":
            return words("limit-minute", when=when)
        case "tokens":
            return words("limit-tokens", when=when)
        case "budget":
            return words("limit-budget", when=when)
        case _:
            return words("limit-day", when=when)


def limit_toast(limit: Limit, zone: tzinfo, words: Words) -> str:
    if limit.until is None:
        return words.plain("limit-toast-guest")
    return words.plain("limit-toast", when=when_over(limit.until, zone, words))


def sent_in_part(left: int, limit: Limit, zone: tzinfo, words: Words) -> str:
    if limit.until is None:
        return words("limit-sent-part-guest", left=left)
    return words("limit-sent-part", left=left, when=when_over(limit.until, zone, words))


def limit_notice(payload: Mapping[str, Any], words: Words) -> str | None:
    """Below what is not answered today; None for another notice."""
    if payload.get("notice") != "limit":
        return None
    limit = read_limit(payload)
    zone = zone_of(payload["timezone"], words.language)
    when = when_over(limit.until, zone, words) if limit.until else ""
    if limit.reason == "budget":
        return words("notice-limit-budget", when=when)
    return words("notice-limit-tokens", when=when)


def when_over(until: datetime, zone: tzinfo, words: Words) -> str:
    """«через минуту», «завтра после 03:00»."""
    now = local_time(zone)
    there = until.astimezone(zone)
    if there <= now:
        return words.plain("limit-when-now")
    if there - now < timedelta(minutes=2):
        return words.plain("limit-when-soon")
    time = clock(there)
    if there.date() == now.date():
        return words.plain("limit-when-today", time=time)
    return words.plain("limit-when-tomorrow", time=time)
