"""/usage: what a person has used, and what is left."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.handlers.limits import held_keyboard
from bot.handlers.saying import say
from bot.texts import Words
from bot.texts.limits import when_over
from core import Limits, Person, Share, Usage, Visions

BAR_CELLS = 10


def router() -> Router:
    usage = Router(name="usage")
    usage.message.register(tell_usage, Command("usage"))
    return usage


async def tell_usage(
    message: Message, person: Person, words: Words, limits: Limits, visions: Visions
) -> None:
    usage = await limits.usage(person.user_id)
    paragraphs = [words("usage-title"), _used(usage, words), _left(usage, person, words)]
    if usage.visions:
        lines = [
            words("usage-vision", title=vision.title, tokens=vision.tokens)
            for vision in usage.visions
        ]
        paragraphs.append("\n".join([words("usage-visions"), *lines]))
    keyboard = None
    if usage.held:
        paragraphs.append(words("usage-held", count=usage.held.count))
        keyboard = await held_keyboard(usage.held, person, words, visions)
    paragraphs.append(f"<i>{words('usage-tokens-are')}</i>")
    await say(message, "\n\n".join(paragraphs), keyboard)


def _used(usage: Usage, words: Words) -> str:
    today = words("usage-today", messages=usage.messages.used, tokens=usage.tokens.used)
    month = words("usage-month", messages=usage.month_messages, tokens=usage.month_tokens)
    return f"{today}\n{month}"


def _left(usage: Usage, person: Person, words: Words) -> str:
    lines: list[str] = []
    if usage.guest and usage.guest.bound is not None:
        guest = words("usage-guest", left=usage.guest.left or 0, bound=usage.guest.bound)
        if not usage.guest.left:
            return guest
        lines += [guest, ""]
    said, read = usage.messages, usage.tokens
    bounded: list[str] = []
    if said.bound is not None:
        left = said.left or 0
        bounded.append(words("usage-left-messages", bar=_bar(said), left=left, bound=said.bound))
    if read.bound is not None:
        left = read.left or 0
        bounded.append(words("usage-left-tokens", bar=_bar(read), left=left, bound=read.bound))
    if not bounded:
        return "\n".join([*lines, words("usage-no-bounds")])
    renews = words("usage-renews", when=when_over(usage.renews_at, person.zone, words))
    return "\n".join([*lines, words("usage-left"), *bounded, renews])


def _bar(share: Share) -> str:
    """What is left of it. A cell stays until nothing is."""
    bound, left = share.bound or 1, share.left or 0
    cells = -(-left * BAR_CELLS // bound)
    return "▓" * cells + "░" * (BAR_CELLS - cells)
