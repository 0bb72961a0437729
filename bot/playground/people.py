"""What a person can do to a bot. Every deed becomes the update Telegram would send."""

from __future__ import annotations

from collections.abc import Iterator

from bot.playground.entities import find_entities
from bot.playground.html_text import utf16
from bot.playground.sending import current_draft, wipe_draft
from bot.playground.shapes import Json
from bot.playground.texting import TEXT_LIMIT
from bot.playground.world import Chat, Person, World


class CannotDo(Exception):
    """A client would not let the person do this; the message is a machine name."""


def write(
    world: World,
    chat: Chat,
    text: str,
    *,
    sender: Person | None = None,
    reply_to: int | None = None,
    forward_origin: Json | None = None,
) -> list[Json]:
    """Send text as clients do: trimmed, and a long one in parts of 4096 UTF-16 units."""
    parts = list(split(text.strip()))
    if not parts:
        raise CannotDo("empty")
    extra: Json = {}
    if forward_origin:
        extra["forward_origin"] = forward_origin
    if reply_to is not None and (original := chat.messages.get(reply_to)):
        extra["reply_to_message"] = {
            key: value for key, value in original.items() if key != "reply_to_message"
        }
    sent: list[Json] = []
    for part in parts:
        content: Json = {"text": part}
        if entities := find_entities(part):
            content["entities"] = entities
        sent.append(post(world, chat, content | extra, sender))
    return sent


def post(world: World, chat: Chat, content: Json, sender: Person | None = None) -> Json:
    """Send a message of any kind; `content` is its part of Telegram's Message object."""
    author = sender or chat.person
    if author is None:
        raise CannotDo("nobody")
    if chat.blocked:
        raise CannotDo("blocked")
    if not chat.started:
        chat.started = True
        world.keeping.put_chat(chat)
    message = world.new_message(chat, author.user(), **content)
    chat.bot.queue.push("message", message, f"chat:{chat.id}")
    return message


def edit(world: World, chat: Chat, message_id: int, text: str) -> Json:
    message = chat.messages.get(message_id)
    if message is None or message["from"]["is_bot"] or "text" not in message:
        raise CannotDo("not_found")
    text = next(split(text.strip()), "")
    if not text:
        raise CannotDo("empty")
    edited = {**message, "text": text, "edit_date": int(world.now())}
    edited.pop("entities", None)
    if entities := find_entities(text):
        edited["entities"] = entities
    chat.messages[message_id] = edited
    world.keeping.put_message(chat.bot.id, edited)
    world.show(chat, "edited", edited)
    chat.bot.queue.push("edited_message", edited, f"chat:{chat.id}")
    return edited


def stop(world: World, chat: Chat, draft_id: int) -> None:
    """Press Stop under a draft. The preview goes, unless the bot asked to keep it a while."""
    draft = current_draft(world, chat)
    if draft is None or draft.draft_id != draft_id or not draft.can_stop:
        raise CannotDo("not_found")
    chat.stopped_draft = draft_id
    stopped: Json = {"chat": chat.public, "draft_id": draft_id}
    if draft.thread_id:
        stopped["message_thread_id"] = draft.thread_id
    if draft.keep_on_stop:
        draft.can_stop = False
        world.emit(chat, "draft", draft.shown())
    else:
        wipe_draft(world, chat)
    chat.bot.queue.push("stopped_message_generation", stopped, f"stop:{chat.id}")


def block(world: World, chat: Chat, blocked: bool) -> None:
    """Block or unblock the bot, or put it out of a group and back."""
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    world.keeping.put_chat(chat)
    _membership(world, chat, chat.person, joined=not blocked)


def add_to_group(world: World, chat: Chat, person: Person) -> None:
    _membership(world, chat, person, joined=True)


def _membership(world: World, chat: Chat, person: Person | None, *, joined: bool) -> None:
    def member(inside: bool) -> Json:
        state: Json = {"user": chat.bot.user(), "status": "member" if inside else "kicked"}
        if not inside:
            state["until_date"] = 0
        return state

    author = person or next(iter(world.people.values()))
    chat.bot.queue.push(
        "my_chat_member",
        {
            "chat": chat.public,
            "from": author.user(),
            "date": int(world.now()),
            "old_chat_member": member(not joined),
            "new_chat_member": member(joined),
        },
        f"chat:{chat.id}",
    )


def split(text: str) -> Iterator[str]:
    """Parts that fit into a message, cut at a space or line end where one is near."""
    while text:
        if utf16(text) <= TEXT_LIMIT:
            yield text
            return
        end = _fitting(text)
        space = max(text.rfind(" ", end - 200, end), text.rfind("\n", end - 200, end))
        end = space if space > 0 else end
        if part := text[:end].strip():
            yield part
        text = text[end:].lstrip()


def _fitting(text: str) -> int:
    head = text[:TEXT_LIMIT]
    if head.isascii():
        return TEXT_LIMIT
    units = head.encode("utf-16-le", "surrogatepass")[: TEXT_LIMIT * 2]
    return len(units.decode("utf-16-le", "ignore"))
