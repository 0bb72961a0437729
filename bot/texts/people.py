"""People as the admins' screens name them, and moments in the admin's own zone."""

from __future__ import annotations

from datetime import datetime

from bot.texts import Words
from bot.texts.dates import clock, date_day, date_long, date_short
from core import Person, PersonCard, PersonLine

MARKS = {"guest": "👤", "member": "🌱", "admin": "⭐", "blocked": "⛔"}


def name_of(line: PersonLine, words: Words) -> str:
    """One line, never empty."""
    name = " ".join(line.name.split())
    if name:
        return name
    if line.username:
        return words.plain("admin-card-username", username=line.username)
    return str(line.telegram_id or line.user_id)


def when(moment: datetime, admin: Person, words: Words) -> str:
    local = moment.astimezone(admin.zone)
    return words.plain("admin-log-moment", day=date_short(local, words), time=clock(local))


def day(moment: datetime, admin: Person, words: Words) -> str:
    return date_long(moment.astimezone(admin.zone), words)


def short_day(moment: datetime, admin: Person, words: Words) -> str:
    return date_day(moment.astimezone(admin.zone), words)


def card_words(card: PersonCard, admin: Person, words: Words) -> str:
    """HTML of a person's card."""
    line = card.line
    name = " ".join(line.name.split()) or words.plain("admin-card-nameless")
    head = words("admin-card-name", name=name)
    if line.username:
        head += " " + words("admin-card-username", username=line.username)
    told = [head, _level(line, words), "", *_ids(line, words), ""]
    if line.seen_at:
        told.append(words("admin-card-seen", when=when(line.seen_at, admin, words)))
    told += [
        words("admin-card-since", date=day(line.created_at, admin, words)),
        words("admin-card-language", language=card.language),
        "",
        words("admin-card-visions", active=card.active_visions, frozen=card.frozen_visions),
        words("admin-card-messages", count=card.messages),
        words("admin-card-today", tokens=card.today.tokens, usd=f"{card.today.usd:.2f}"),
        words("admin-card-month", tokens=card.month.tokens, usd=f"{card.month.usd:.2f}"),
    ]
    if line.telegram_id and not line.reachable:
        told += ["", words("admin-card-unreachable")]
    if line.erase_at:
        told += ["", words("admin-card-erase", date=when(line.erase_at, admin, words))]
    return "\n".join(told)


def _level(line: PersonLine, words: Words) -> str:
    if line.by_settings:
        return words("admin-card-by-settings")
    if line.given is None or line.given != line.level:
        return words("admin-card-by-mode", level=line.level)
    return words("admin-card-level", level=line.level)


def _ids(line: PersonLine, words: Words) -> list[str]:
    if line.telegram_id is None:
        telegram = words("admin-card-no-telegram")
    else:
        telegram = words("admin-card-telegram", id=str(line.telegram_id))
    return [telegram, words("admin-card-user", id=line.user_id)]
