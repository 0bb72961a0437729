"""Dates as people say them. Moments must already be in the person's own zone."""

from __future__ import annotations

from datetime import date, datetime

from bot.texts import Words


def date_short(moment: datetime, words: Words) -> str:
    return words.plain("date-short", day=moment.day, month=moment.month, year=f"{moment.year:04}")


def date_day(moment: date, words: Words) -> str:
    """Without the year."""
    return words.plain("date-day", day=moment.day, month=moment.month)


def date_long(moment: datetime, words: Words) -> str:
    return words.plain("date-long", day=moment.day, month=moment.month, year=f"{moment.year:04}")


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def duration(seconds: int) -> str:
    minutes, rest = divmod(max(seconds, 0), 60)
    return f"{minutes}:{rest:02}"
