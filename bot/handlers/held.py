"""Words that waited get to their vision."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.callbacks import SendHeld
from bot.handlers.saying import show
from bot.keyboards.access import send_on_keyboard
from bot.keyboards.lifecycle import card_link_keyboard
from bot.texts import Words
from bot.texts.limits import limit_toast, sent_in_part
from core import HeldOver, Person, Visions


def router() -> Router:
    held = Router(name="held")
    held.callback_query.register(send, SendHeld.filter())
    return held


async def send(
    query: CallbackQuery, callback_data: SendHeld, person: Person, words: Words, visions: Visions
) -> str:
    vision = str(callback_data.vision)
    if callback_data.wake:
        await visions.change(person.user_id, vision, "active")
    card, _ = await visions.activate(person.user_id, vision)
    sent = await visions.send_held(person.user_id, vision, callback_data.source)
    if sent.limit and not sent.count and not callback_data.wake:
        # The button stays for the next try.
        return limit_toast(sent.limit, person.zone, words)
    if sent.count and callback_data.wake:
        said = words("woken-with-held", title=card.title, count=sent.count)
    elif callback_data.wake:
        said = words("woken", title=card.title)
    else:
        said = words("resumed", title=card.title)
    buttons = card_link_keyboard(callback_data.vision, words)
    if sent.limit:
        said += "\n\n" + sent_in_part(sent.left, sent.limit, person.zone, words)
        buttons = send_on_keyboard(HeldOver(sent.left, vision, frozen=False), words)
    await show(query, said, buttons)
    if sent.limit and not sent.count:
        return limit_toast(sent.limit, person.zone, words)
    return words.plain("toast-sent", count=sent.count)
