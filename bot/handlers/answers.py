"""Buttons under the companion's words: try again, go on."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Continue, Retry
from bot.handlers.limits import tell_limit
from bot.handlers.saying import say_after, take_buttons_away, thread_of
from bot.texts import Words
from bot.texts.limits import limit_toast
from core import Dialogue, Limit, Person, Visions


def router() -> Router:
    answers = Router(name="answers")
    answers.callback_query.register(retry, Retry.filter())
    answers.callback_query.register(go_on, Continue.filter())
    return answers


async def retry(
    query: CallbackQuery, callback_data: Retry, person: Person, words: Words, dialogue: Dialogue
) -> str:
    state = await dialogue.retry(person.user_id, str(callback_data.vision))
    match state:
        case Limit():
            return limit_toast(state, person.zone, words)
        case "running":
            return words.plain("toast-retry-running")
        case "queued":
            await take_buttons_away(query)
            return words.plain("toast-retry-queued")
        case "answered":
            await take_buttons_away(query)
            return words.plain("toast-retry-answered")


async def go_on(
    query: CallbackQuery,
    callback_data: Continue,
    bot: Bot,
    person: Person,
    words: Words,
    visions: Visions,
    dialogue: Dialogue,
) -> str:
    vision = str(callback_data.vision)
    if (await visions.card(person.user_id, vision)).status == "frozen":
        return words.plain("conflict")
    last = (await dialogue.history(person.user_id, vision, limit=1)).entries
    if not last or not last[0].payload.keys() & {"unfinished", "stopped"}:
        return words.plain("stale-button")
    card, _ = await visions.activate(person.user_id, vision)
    # Named after the message with the button: pressed twice, it is asked once.
    message = query.message.message_id if query.message else 0
    key = f"tg:{bot.id}:{query.from_user.id}:{message}:continue"
    received = await dialogue.receive(
        person.user_id,
        source_key=key,
        content=words.plain("continue-request"),
        payload={"pressed": "continue"},
        origin={"key": key, "thread_id": thread_of(query.message)},
    )
    if received.over:
        if isinstance(query.message, Message):
            await tell_limit(query.message, received.over, person, words, visions)
        return limit_toast(received.over.limit, person.zone, words)
    await take_buttons_away(query)
    if person.active_vision_id != card.id:
        await say_after(query, words("resumed", title=card.title))
    return words.plain("toast-continue")
