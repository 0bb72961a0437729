"""A bot changes what it has sent: texts, keyboards, deletion, reactions."""

from __future__ import annotations

from typing import Any

from bot.playground.markup import check_markup
from bot.playground.params import Params
from bot.playground.refusals import bad_request
from bot.playground.sending import target
from bot.playground.shapes import Json, as_list, as_object, whole
from bot.playground.texting import read_caption, read_message_text
from bot.playground.world import Bot, Chat, World

DELETABLE = 48 * 3600.0


def edit_message_text(world: World, bot: Bot, params: Params) -> Json:
    chat = target(world, bot, params)
    message = _own(chat, params)
    text, entities = read_message_text(params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, chat, message, {"text": text, "entities": entities}, params)


def edit_message_caption(world: World, bot: Bot, params: Params) -> Json:
    chat = target(world, bot, params)
    caption, entities = read_caption(params)
    content = {"caption": caption, "caption_entities": entities}
    return _edit(world, chat, _own(chat, params), content, params)


def edit_message_reply_markup(world: World, bot: Bot, params: Params) -> Json:
    chat = target(world, bot, params)
    return _edit(world, chat, _own(chat, params), {}, params)


def delete_message(world: World, bot: Bot, params: Params) -> bool:
    chat = target(world, bot, params)
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if world.now() - message["date"] > DELETABLE:
        raise bad_request("message can't be deleted for everyone")
    _delete(world, chat, [message["message_id"]])
    return True


def delete_messages(world: World, bot: Bot, params: Params) -> bool:
    """Ids that are not there are passed over, as Telegram does."""
    chat = target(world, bot, params)
    ids = as_list(params.parsed("message_ids"))
    if ids is None or not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified or too many")
    _delete(world, chat, [number for number in map(whole, ids) if number in chat.messages])
    return True


def set_message_reaction(world: World, bot: Bot, params: Params) -> bool:
    chat = target(world, bot, params)
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    reactions = as_list(params.parsed("reaction")) or []
    if len(reactions) > 1 or not all(_is_reaction(reaction) for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    changed = {**message, "reactions": reactions}
    chat.messages[message["message_id"]] = changed
    world.keeping.put_message(bot.id, changed)
    world.show(chat, "edited", changed)
    return True


def _is_reaction(value: Any) -> bool:
    reaction = as_object(value)
    return reaction is not None and reaction.get("type") == "emoji" and bool(reaction.get("emoji"))


def _own(chat: Chat, params: Params) -> Json:
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != chat.bot.id:
        raise bad_request("message can't be edited")
    return message


def _edit(world: World, chat: Chat, message: Json, content: Json, params: Params) -> Json:
    edited = {**message, **content}
    for name in ("entities", "caption_entities"):
        if name in edited and not edited[name]:
            del edited[name]
    edited.pop("reply_markup", None)
    if markup := check_markup(params.parsed("reply_markup")):
        edited["reply_markup"] = markup
    before = {key: value for key, value in message.items() if key != "edit_date"}
    after = {key: value for key, value in edited.items() if key != "edit_date"}
    if _plain(before) == _plain(after):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    edited["edit_date"] = int(world.now())
    chat.messages[message["message_id"]] = edited
    world.keeping.put_message(chat.bot.id, edited)
    world.show(chat, "edited", edited)
    text = edited.get("text") or edited.get("caption") or ""
    world.journal.sent("editMessage", chat.bot.id, chat.id, message["message_id"], text)
    return edited


def _plain(message: Json) -> Json:
    """An empty keyboard and none at all look the same to a person."""
    markup = as_object(message.get("reply_markup"))
    if markup is not None and markup.get("inline_keyboard") == []:
        return {key: value for key, value in message.items() if key != "reply_markup"}
    return message


def _delete(world: World, chat: Chat, ids: list[int]) -> None:
    for message_id in ids:
        del chat.messages[message_id]
        world.keeping.drop_message(chat.bot.id, message_id)
        world.journal.sent("deleteMessage", chat.bot.id, chat.id, message_id, "")
        world.emit(chat, "deleted", {"message_id": message_id})
