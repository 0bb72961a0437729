"""Broadcasts in words: whom they go to, how far they have come."""

from __future__ import annotations

from typing import Final

from bot.callbacks.broadcast import Whom
from bot.texts import Words
from core import Audience, Broadcast

BAR_CELLS = 12

AUDIENCES: Final[dict[Whom, Audience]] = {
    "all": Audience(),
    "week": Audience(days=7),
    "month": Audience(days=30),
    "ru": Audience(language="ru"),
    "en": Audience(language="en"),
    "guest": Audience(level="guest"),
    "member": Audience(level="member"),
    "admin": Audience(level="admin"),
}


def whom(audience: Audience | None, words: Words) -> str:
    """Plain."""
    names = [name for name, known in AUDIENCES.items() if known == audience]
    return words.plain("broadcast-whom", whom=names[0] if names else "some")


def screen_words(broadcast: Broadcast, words: Words, per_second: float | None = None) -> str:
    """HTML. `per_second` as it goes now, None where that is not known."""
    lines = [
        _heading(broadcast, words),
        words("broadcast-to", whom=whom(broadcast.audience, words)),
        "",
        _bar(broadcast, words),
        words("broadcast-sent", count=broadcast.count("sent"), people=broadcast.people),
    ]
    if count := broadcast.count("blocked"):
        lines.append(words("broadcast-blocked", count=count))
    if count := broadcast.count("skipped"):
        lines.append(words("broadcast-skipped", count=count))
    if count := broadcast.count("failed"):
        lines.append(words("broadcast-failed", count=count))
    if count := broadcast.count("unclear"):
        lines.append(words("broadcast-unclear", count=count))
    left = broadcast.count("waiting", "sending")
    if broadcast.status == "stopped" and left:
        lines.append(words("broadcast-unsent", count=left))
    elif broadcast.status == "sending" and per_second and left:
        minutes = round(left / per_second / 60)
        lines += [
            "",
            words("broadcast-pace", count=max(1, round(per_second))),
            words("broadcast-left", hours=minutes // 60, minutes=minutes % 60),
        ]
    return "\n".join(lines)


def _heading(broadcast: Broadcast, words: Words) -> str:
    if broadcast.halted:
        return words("broadcast-halted")
    return words("broadcast-status", status=broadcast.status)


def _bar(broadcast: Broadcast, words: Words) -> str:
    # Who is forgotten meanwhile is neither done nor left.
    known = broadcast.done + broadcast.count("waiting", "sending")
    share = broadcast.done / known if known else 1.0
    full = int(share * BAR_CELLS)
    bar = words.plain("broadcast-bar-full") * full
    bar += words.plain("broadcast-bar-empty") * (BAR_CELLS - full)
    return words("broadcast-bar", bar=bar, percent=int(share * 100))
