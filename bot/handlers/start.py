"""The first words, and how it all works."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.handlers.saying import say
from bot.keyboards.start import start_keyboard
from bot.texts import Words
from core import Access, DomainError, Person, Visions


def router() -> Router:
    start = Router(name="start")
    start.message.register(greet, Command("start"))
    start.message.register(explain, Command("help"))
    return start


async def greet(
    message: Message, person: Person, words: Words, visions: Visions, access: Access
) -> None:
    """Whatever else stands behind /start in a link changes nothing."""
    page = await visions.page(person.user_id, 0, 1)
    hello = words("hello", name=person.name) if person.name else words("hello-nameless")
    paragraphs = [hello, words("start-about")]
    if title := await _current_title(person, visions):
        paragraphs.append(words("start-current", title=title))
    else:
        paragraphs.append(words("start-choose") if page.total else words("start-begin"))
    if person.level == "guest":
        left = (await access.invites.taste(person.user_id)).left
        paragraphs.append(words("access-guest", left=left or 0))
    await say(message, "\n\n".join(paragraphs), start_keyboard(words, has_visions=page.total > 0))


async def explain(message: Message, words: Words) -> None:
    await say(message, words("help"))


async def _current_title(person: Person, visions: Visions) -> str | None:
    if not person.active_vision_id:
        return None
    try:
        card = await visions.card(person.user_id, person.active_vision_id)
    except DomainError:
        return None
    return card.title if card.status == "active" else None
