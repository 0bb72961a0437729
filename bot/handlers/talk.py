"""The conversation: what a person says goes to their vision, the answer comes by itself."""

from __future__ import annotations

from uuid import UUID

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Message, ReactionTypeEmoji

from bot.handlers.caring import care_at_once
from bot.handlers.content import content_of, own_words
from bot.handlers.limits import tell_limit
from bot.handlers.saying import say, thread_of
from bot.keyboards.held import OFFERED, nowhere_keyboard, wake_and_send_keyboard
from bot.texts import Words
from core import Care, Dialogue, Person, Received, Visions

BUNCH_MILLISECONDS = 400
"""Albums, forwards and split texts arrive as a row of updates; one turn should answer them all."""

SPLIT_UNITS = 4000
"""Clients cut longer texts into messages of up to 4096 UTF-16 units."""

KEPT = "✍"


def router() -> Router:
    talk = Router(name="talk")
    talk.message.register(listen)
    talk.edited_message.register(listen_again)
    return talk


async def listen(
    message: Message,
    bot: Bot,
    person: Person,
    words: Words,
    source_key: str,
    dialogue: Dialogue,
    visions: Visions,
    care: Care,
) -> None:
    # Update ids begin anew, at random, after a quiet week; with the message's they are unique.
    key = f"{source_key}:{message.chat.id}:{message.message_id}"
    content = content_of(message, words, key)
    if content is None:
        if message.content_type == "unknown":
            await say(message, words("unreadable"))
        return
    if not content.text and "files" not in content.payload:
        await say(message, words("empty-text"))
        return
    bunch = is_bunch(message)
    received = await dialogue.receive(
        person.user_id,
        source_key=key,
        type=content.type,
        content=content.text,
        payload=content.payload,
        origin={"key": origin_key(bot, message), "thread_id": thread_of(message)},
        delay_ms=BUNCH_MILLISECONDS if bunch else 0,
    )
    if received.state != "stored":
        # No turn will answer soon, and danger does not wait for a vision or for tomorrow.
        await care_at_once(message, own_words(content), person, care)
    match received.state:
        case "no_vision":
            await _offer_visions(message, person, words, visions, quiet=bunch)
        case "frozen":
            await _offer_waking(message, received, person, words, visions, quiet=bunch)
        case "limited" if received.over:
            await tell_limit(message, received.over, person, words, visions)
        case _:
            return


async def listen_again(
    message: Message,
    bot: Bot,
    person: Person,
    words: Words,
    dialogue: Dialogue,
    visions: Visions,
    care: Care,
) -> None:
    """New words of an unanswered message are simply used; a live location moves all the time."""
    key = origin_key(bot, message)
    content = None if message.location else content_of(message, words, key)
    if content is None or not (content.text or "files" in content.payload):
        return
    state = await dialogue.edit(person.user_id, key, content.text, content.type, content.payload)
    if state == "new_file":
        own_key = f"{key}:{content.payload['files'][0]['unique_id']}"
        received = await dialogue.receive(
            person.user_id,
            source_key=own_key,
            type=content.type,
            content="",
            payload=content.payload,
            origin={"key": own_key, "thread_id": thread_of(message)},
        )
        if received.over:
            await tell_limit(message, received.over, person, words, visions)
    elif state == "frozen":
        await say(message, words("edited-frozen"))
    elif state == "answered" and not await care_at_once(message, own_words(content), person, care):
        await say(message, words("edited-late"))


def origin_key(bot: Bot, message: Message) -> str:
    """Items of one album share it: they become one message."""
    album = message.media_group_id
    return f"tg:{bot.id}:{message.chat.id}:{f'album:{album}' if album else message.message_id}"


def is_bunch(message: Message) -> bool:
    """Probably one of several: then it is worth waiting a moment for the others."""
    long = len((message.text or "").encode("utf-16-le")) // 2 >= SPLIT_UNITS
    return bool(message.forward_origin or message.media_group_id or long)


async def _offer_visions(
    message: Message, person: Person, words: Words, visions: Visions, *, quiet: bool
) -> None:
    page = await visions.page(person.user_id, 0, OFFERED)
    active = [item for item in page.items if item.status == "active"]
    if page.held_nowhere > 1 and quiet and await _noted(message):
        return
    if page.held_nowhere > 1:
        said = words("held-more", count=page.held_nowhere)
    else:
        said = words("held-nowhere") if active else words("held-nowhere-create")
    await say(message, said, nowhere_keyboard(active, words))


async def _offer_waking(
    message: Message,
    received: Received,
    person: Person,
    words: Words,
    visions: Visions,
    *,
    quiet: bool,
) -> None:
    if not received.vision_id:
        return
    card = await visions.card(person.user_id, received.vision_id)
    if card.held > 1 and quiet and await _noted(message):
        return
    if card.held > 1:
        said = words("held-frozen-more", title=card.title, count=card.held)
    else:
        said = words("held-frozen", title=card.title)
    await say(message, said, wake_and_send_keyboard(UUID(card.id), words))


async def _noted(message: Message) -> bool:
    """A sign on the message itself, so that a bunch doesn't get a bunch of replies."""
    try:
        return await message.react([ReactionTypeEmoji(emoji=KEPT)])
    except TelegramBadRequest:
        return False
