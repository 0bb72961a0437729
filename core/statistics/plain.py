"""The numbers as plain lines, for a terminal."""

from __future__ import annotations

from decimal import Decimal

from core.statistics.figures import CallShare, Numbers, PersonTokens, Spenders


def numbers_lines(numbers: Numbers) -> list[str]:
    now, before = numbers.now, numbers.before
    heard, spoken = _minutes(now.heard_seconds), _minutes(now.spoken_seconds)
    counted = [
        ("active people", now.active, before.active),
        ("new people", now.newcomers, before.newcomers),
        ("messages", now.messages, before.messages),
        ("answers", now.answers, before.answers),
        ("failed turns", now.failed_turns, before.failed_turns),
        ("failed deliveries", now.failed_deliveries, before.failed_deliveries),
        ("tokens", now.tokens, before.tokens),
        ("likes", now.liked, before.liked),
        ("dislikes", now.disliked, before.disliked),
    ]
    lines = [
        f"{numbers.first} to {numbers.last}, until {numbers.at:%H:%M} UTC (in brackets: before)"
    ]
    lines += [f"  {name:18} {value:>14,}  ({earlier:,})" for name, value, earlier in counted]
    lines += [
        f"  {'came back':18} {numbers.came_back:>14,}",
        f"  {'delay p50':18} {_seconds(now.p50):>14}  ({_seconds(before.p50)})",
        f"  {'delay p95':18} {_seconds(now.p95):>14}  ({_seconds(before.p95)})",
        f"  {'heard':18} {heard:>14}  ({_minutes(before.heard_seconds)})",
        f"  {'spoken':18} {spoken:>14}  ({_minutes(before.spoken_seconds)})",
        f"  {'money':18} {_money(now.usd, now.unpriced):>14}  ({_money(before.usd, 0)})",
    ]
    for title, shares in (("by model", numbers.models), ("by purpose", numbers.purposes)):
        if shares:
            lines += [title, *map(_share, shares)]
    if not numbers.whole:
        lines.append("older days are still being counted: ask again in a minute")
    return lines


def spenders_lines(spenders: Spenders) -> list[str]:
    return [
        f"  {item.tokens:>14,} {_money(item.usd, 0):>12}  {_one_line(item.name)}  {item.user_id}"
        for item in spenders.items
    ]


def vision_lines(tokens: PersonTokens) -> list[str]:
    return [
        f"  {item.tokens:>14,} {_money(item.usd, 0):>12}  "
        + ("no vision" if item.number is None else f"vision {item.number}  {item.vision_id}")
        for item in tokens.items
    ]


def _share(share: CallShare) -> str:
    money = _money(share.usd, share.unpriced)
    return f"  {share.tokens:>14,} {money:>12}  {_one_line(share.name) or '(none)'}"


def _one_line(name: str) -> str:
    """Names are others' words: nothing in them may move the cursor."""
    return "".join(char if char.isprintable() else " " for char in name)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:,.1f} min"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f} s"


def _money(usd: Decimal | None, unpriced: int) -> str:
    if usd is None:
        return "no price" if unpriced else "-"
    return f"${usd:,.4f}" + ("+" if unpriced else "")
