"""Numbers as people of a language write them."""

from __future__ import annotations

from decimal import Decimal

from bot.texts import Words

_NARROW = "\u202f"
_MANY_TIMES = 10


def number(value: float | Decimal, words: Words, digits: int = 0) -> str:
    """Thousands apart, so many decimals."""
    text = f"{value:,.{digits}f}"
    if words.language == "ru":
        return text.replace(",", _NARROW).replace(".", ",")
    return text


def dollars(usd: Decimal, words: Words) -> str:
    """Cents; below one cent the first two digits that are not 0."""
    digits = 2
    if 0 < usd < Decimal("0.01"):
        digits = min(1 - usd.adjusted(), 8)
    return "$" + number(usd, words, digits)


def change(now: float | Decimal, before: float | Decimal, words: Words) -> str:
    """How much more or less than before; nothing to say where it is the same, or nothing was."""
    if now == before:
        return ""
    arrow = " ▲" if now > before else " ▼"
    if not before:
        return arrow
    times = float(now) / float(before)
    if times >= _MANY_TIMES:
        return f"{arrow} ×{number(times, words)}"
    percent = number(abs(times - 1) * 100, words)
    if percent == "0":
        return arrow
    return f"{arrow} {percent}{_NARROW if words.language == 'ru' else ''}%"
