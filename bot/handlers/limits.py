"""The word about a limit: once, and what waits goes on with one tap when it is over."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup, Message

from bot.handlers.saying import say
from bot.keyboards.access import send_on_keyboard
from bot.keyboards.held import OFFERED, nowhere_keyboard
from bot.texts import Words
from bot.texts.limits import limit_words
from core import HeldOver, Over, Person, Visions


async def tell_limit(
    message: Message, over: Over, person: Person, words: Words, visions: Visions
) -> None:
    """Says nothing where it has been said."""
    if not over.say:
        return
    said = limit_words(over, person.zone, words)
    if over.held.vision_id is None:
        said += "\n\n" + words("limit-nowhere")
    await say(message, said, await held_keyboard(over.held, person, words, visions))


async def held_keyboard(
    held: HeldOver, person: Person, words: Words, visions: Visions
) -> InlineKeyboardMarkup:
    if held.vision_id is not None:
        return send_on_keyboard(held, words)
    page = await visions.page(person.user_id, 0, OFFERED)
    return nowhere_keyboard([item for item in page.items if item.status == "active"], words)
