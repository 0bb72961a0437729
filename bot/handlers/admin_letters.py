"""A letter to one person: asked for, shown, and sent once the admin has seen it."""

from __future__ import annotations

from typing import Any

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message
from aiogram.utils.text_decorations import html_decoration

from bot.callbacks.admin import AskLetter, SendLetter
from bot.delivery.pages import units
from bot.delivery.text import is_blank
from bot.handlers.admin_people import card_of
from bot.handlers.asking import asked_about
from bot.handlers.saying import say, show
from bot.keyboards.admin_people import letter_keyboard, person_keyboard
from bot.texts import Words
from bot.texts.people import name_of
from core import LETTER_CHARACTERS, Administration, Conflict, Person, Users

_GAP = "\n\n"
"""Between the head of the preview, which is one line, and the letter itself."""


def router() -> Router:
    letters = Router(name="admin: letters")
    letters.callback_query.register(ask_letter, AskLetter.filter())
    letters.callback_query.register(send, SendLetter.filter())
    letters.message.register(preview, asked_about("admin_letter"))
    return letters


async def ask_letter(
    query: CallbackQuery,
    callback_data: AskLetter,
    person: Person,
    words: Words,
    users: Users,
    administration: Administration,
) -> None:
    card = await card_of(callback_data.person, person, administration)
    name = name_of(card.line, words)
    if card.line.level == "blocked":
        said = words("admin-letter-blocked", name=name)
        return await show(query, said, person_keyboard(card.ref, words))
    await users.ask(person.user_id, "admin_letter", card.ref)
    said = words("admin-letter-ask", name=name)
    return await show(query, said, person_keyboard(card.ref, words))


async def preview(
    message: Message,
    person: Person,
    words: Words,
    users: Users,
    administration: Administration,
    source_key: str,
) -> Any:
    """Nothing is sent yet. What is too long keeps the question open."""
    assert person.asked
    ref = person.asked.subject or ""
    text = (message.text or "").strip()
    if is_blank(text):
        return await say(message, words("empty-text"), person_keyboard(ref, words))
    if units(text) > LETTER_CHARACTERS:
        said = words("admin-letter-long", limit=LETTER_CHARACTERS)
        return await say(message, said, person_keyboard(ref, words))
    await users.answered(person.user_id, source_key)
    card = await card_of(ref, person, administration)
    head = words("admin-letter-preview", name=name_of(card.line, words))
    said = f"{head}{_GAP}{html_decoration.quote(text)}"
    return await say(message, said, letter_keyboard(ref, words))


async def send(
    query: CallbackQuery,
    callback_data: SendLetter,
    bot: Bot,
    person: Person,
    words: Words,
    administration: Administration,
) -> str | None:
    """The preview itself names the letter: pressed twice, it goes once."""
    shown = query.message
    if not isinstance(shown, Message) or not shown.text:
        return words.plain("stale-button")
    text = shown.text.partition(_GAP)[2]
    if not text:
        return words.plain("stale-button")
    card = await card_of(callback_data.person, person, administration)
    name = name_of(card.line, words)
    key = f"tg:{bot.id}:{shown.chat.id}:{shown.message_id}"
    try:
        written = await administration.write_to(person.user_id, card.line.user_id, text, key)
    except Conflict as error:
        if error.name != "user_blocked":
            raise
        said = words("admin-letter-blocked", name=name)
    else:
        said = words("admin-letter-sent" if written.reachable else "admin-letter-waits", name=name)
    await show(query, said, person_keyboard(card.ref, words))
    return None
