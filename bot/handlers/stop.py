"""Stop what the companion is saying; what was said so far is kept and delivered by the turn."""

from __future__ import annotations

from contextlib import suppress

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import Message, MessageGenerationStopped, Update

from bot.handlers.saying import say
from bot.middlewares import profile_of
from bot.texts import Words
from core import Dialogue, Forbidden, Person, Users


def router() -> Router:
    stop = Router(name="stop")
    stop.message.register(stop_all, Command("stop"))
    stop.stopped_message_generation.register(stop_draft)
    return stop


async def stop_all(message: Message, person: Person, words: Words, dialogue: Dialogue) -> None:
    if not await dialogue.stop(person.user_id):
        await say(message, words("nothing-to-stop"))


async def stop_draft(
    stopped: MessageGenerationStopped,
    bot: Bot,
    users: Users,
    dialogue: Dialogue,
    event_update: Update,
) -> None:
    """Telegram names no user here, but drafts are shown in private chats only: it is the chat."""
    key = f"tg:{bot.id}:{event_update.update_id}"
    person = await users.sign_in(stopped.chat.id, profile_of(stopped.chat), key)
    # Whoever may not act any more, since the answer began, is not told so here.
    with suppress(Forbidden):
        await dialogue.stop(person.user_id, stopped.draft_id)
