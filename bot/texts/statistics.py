"""The screen of numbers, and what models and purposes are called."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.texts import Words
from bot.texts.dates import clock, date_day
from bot.texts.numbers import change, dollars, number
from core import CallShare, Numbers, PersonTokens, Totals

SHARES_SHOWN = 6
VISIONS_SHOWN = 25
_NAME_CHARACTERS = 48


def numbers_screen(numbers: Numbers, days: int, words: Words) -> str:
    now, before = numbers.now, numbers.before
    last, time = date_day(numbers.last, words), clock(numbers.at)
    span = (
        words("statistics-span-today", last=last, time=time)
        if days == 1
        else words("statistics-span", first=date_day(numbers.first, words), last=last, time=time)
    )
    head = [words("statistics-title", days=days), span, words("statistics-compared", days=days)]
    people = [
        _line("statistics-active", now.active, before.active, words),
        _line("statistics-newcomers", now.newcomers, before.newcomers, words),
        words("statistics-came-back", days=days, count=numbers.came_back),
        _line("statistics-messages", now.messages, before.messages, words),
    ]
    blocks = [head, people, _answers(now, before, words), _money(now, before, words)]
    if numbers.models:
        blocks.append([words("statistics-models"), *_shares(numbers.models, words)])
    if numbers.purposes:
        named = [(purpose_name(share.name, words), share) for share in numbers.purposes]
        blocks.append([words("statistics-purposes"), *_named_shares(named, words)])
    if not numbers.whole:
        blocks.append([words("statistics-counting")])
    return "\n\n".join("\n".join(block) for block in blocks)


def vision_tokens_screen(tokens: PersonTokens, days: int, words: Words) -> str:
    if not tokens.items:
        return words("statistics-visions-none")
    lines = [
        words(
            "statistics-visions",
            days=days,
            tokens=number(tokens.tokens, words),
            usd=_usd(tokens.usd, words),
        ),
        "",
    ]
    for item in tokens.items[:VISIONS_SHOWN]:
        took, usd = number(item.tokens, words), _usd(item.usd, words)
        if item.number is None:
            lines.append(words("statistics-vision-none", tokens=took, usd=usd))
            continue
        shown, vision = str(item.number), item.vision_id or ""
        lines.append(words("statistics-vision", number=shown, tokens=took, usd=usd, id=vision))
    if len(tokens.items) > VISIONS_SHOWN:
        lines.append(words("statistics-more", count=len(tokens.items) - VISIONS_SHOWN))
    return "\n".join([*lines, "", words("statistics-visions-numbered")])


def purpose_name(purpose: str, words: Words) -> str:
    """Ours have names of their own; others are called what they are called."""
    return words.plain(
        "statistics-purpose",
        purpose=purpose.replace(" ", "-"),
        name=_short(purpose) or words.plain("statistics-nameless"),
    )


def _answers(now: Totals, before: Totals, words: Words) -> list[str]:
    lines = [_line("statistics-answers", now.answers, before.answers, words)]
    if now.p50 is None or now.p95 is None:
        lines.append(words("statistics-delay-none"))
    else:
        lines.append(
            words(
                "statistics-delay",
                p50=number(now.p50, words, 1),
                change50=_since(now.p50, before.p50, words),
                p95=number(now.p95, words, 1),
                change95=_since(now.p95, before.p95, words),
            )
        )
    lines.append(
        words(
            "statistics-failures",
            turns=now.failed_turns,
            changeturns=change(now.failed_turns, before.failed_turns, words),
            deliveries=now.failed_deliveries,
            changedeliveries=change(now.failed_deliveries, before.failed_deliveries, words),
        )
    )
    if now.heard_seconds or now.spoken_seconds or before.heard_seconds or before.spoken_seconds:
        lines.append(
            words(
                "statistics-voice",
                heard=number(now.heard_seconds / 60, words, 1),
                changeheard=change(now.heard_seconds, before.heard_seconds, words),
                spoken=number(now.spoken_seconds / 60, words, 1),
                changespoken=change(now.spoken_seconds, before.spoken_seconds, words),
            )
        )
    if now.liked or now.disliked or before.liked or before.disliked:
        lines.append(
            words(
                "statistics-votes",
                liked=now.liked,
                changeliked=change(now.liked, before.liked, words),
                disliked=now.disliked,
                changedisliked=change(now.disliked, before.disliked, words),
            )
        )
    return lines


def _money(now: Totals, before: Totals, words: Words) -> list[str]:
    lines = [_line("statistics-tokens", now.tokens, before.tokens, words)]
    if now.usd is not None:
        told = change(now.usd, before.usd, words) if before.usd is not None else ""
        lines.append(words("statistics-money", usd=dollars(now.usd, words), change=told))
        if now.unpriced:
            lines.append(f"<i>{words('statistics-unpriced', count=now.unpriced)}</i>")
    elif now.unpriced:
        lines.append(words("statistics-money-none"))
    return lines


def _line(key: str, now: int, before: int, words: Words) -> str:
    return words(key, count=now, change=change(now, before, words))


def _since(now: float, before: float | None, words: Words) -> str:
    return "" if before is None else change(now, before, words)


def _shares(shares: Sequence[CallShare], words: Words) -> list[str]:
    nameless = words.plain("statistics-nameless")
    return _named_shares([(_short(share.name) or nameless, share) for share in shares], words)


def _named_shares(shares: Sequence[tuple[str, CallShare]], words: Words) -> list[str]:
    lines = [
        words(
            "statistics-share",
            name=name,
            tokens=number(share.tokens, words),
            usd=_usd(share.usd, words, unpriced=share.unpriced > 0),
        )
        for name, share in shares[:SHARES_SHOWN]
    ]
    if len(shares) > SHARES_SHOWN:
        lines.append(words("statistics-more", count=len(shares) - SHARES_SHOWN))
    return lines


def _usd(usd: Decimal | None, words: Words, *, unpriced: bool = True) -> str:
    if usd is not None:
        return dollars(usd, words)
    return words.plain("statistics-no-price" if unpriced else "statistics-free")


def _short(name: str) -> str:
    """Names of models come from the model's server: one line of them."""
    line = " ".join("".join(char if char.isprintable() else " " for char in name).split())
    return line if len(line) <= _NAME_CHARACTERS else line[: _NAME_CHARACTERS - 1] + "…"
