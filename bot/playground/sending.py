"""Messages from a bot: sendMessage, files, actions, drafts."""

from __future__ import annotations

from bot.playground.html_text import utf16
from bot.playground.markup import check_markup
from bot.playground.params import Params
from bot.playground.refusals import Refusal, bad_request
from bot.playground.shapes import Json, as_object, whole
from bot.playground.texting import TEXT_LIMIT, read_message_text, read_text
from bot.playground.world import Bot, Chat, Draft, World

DRAFT_LIFE = 30.0
ACTION_LIFE = 5.0
ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def target(world: World, bot: Bot, params: Params) -> Chat:
    raw = params.text("chat_id")
    if not raw:
        raise bad_request("chat_id is empty")
    try:
        chat_id = int(raw)
    except ValueError:
        raise bad_request("chat not found") from None
    return world.chat_for_bot(bot, chat_id)


def send_message(world: World, bot: Bot, params: Params) -> Json:
    chat = target(world, bot, params)
    text, entities = read_message_text(params)
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    message = deliver(world, chat, params, content)
    world.journal.sent("sendMessage", bot.id, chat.id, message["message_id"], text)
    return message


def deliver(world: World, chat: Chat, params: Params, content: Json) -> Json:
    """Keep and show a message of the bot; whatever draft was on the screen is gone with it."""
    if markup := check_markup(params.parsed("reply_markup")):
        content["reply_markup"] = markup
    if thread_id := params.integer("message_thread_id"):
        content["message_thread_id"] = thread_id
    if reply := as_object(params.parsed("reply_parameters")):
        if original := chat.messages.get(whole(reply.get("message_id"))):
            content["reply_to_message"] = without_reply(original)
        elif not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
    wipe_draft(world, chat)
    chat.action = ""
    return world.new_message(chat, chat.bot.user(), **content)


def send_chat_action(world: World, bot: Bot, params: Params) -> bool:
    chat = target(world, bot, params)
    action = params.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action = action
    chat.action_until = world.now() + ACTION_LIFE
    world.emit(chat, "action", {"action": action})
    return True


def send_message_draft(world: World, bot: Bot, params: Params) -> bool:
    """A preview of a message that is still being written; see `wipe_draft` for its end."""
    chat = target(world, bot, params)
    if not chat.person:
        raise bad_request("message drafts can be sent only to private chats")
    draft_id = params.integer("draft_id")
    if not draft_id:
        raise bad_request("DRAFT_ID_INVALID")
    text, entities = read_text(params)
    if utf16(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    world.journal.sent("sendMessageDraft", bot.id, chat.id, draft_id, text)
    if draft_id == chat.stopped_draft:
        return True
    chat.draft = Draft(
        draft_id,
        text,
        entities,
        params.flag("can_stop"),
        params.flag("keep_on_stop"),
        params.integer("message_thread_id"),
        world.now() + DRAFT_LIFE,
    )
    world.emit(chat, "draft", chat.draft.shown())
    return True


def current_draft(world: World, chat: Chat) -> Draft | None:
    """The draft on the screen; it lives thirty seconds unless it is sent again."""
    if chat.draft and chat.draft.expires_at <= world.now():
        wipe_draft(world, chat)
    return chat.draft


def wipe_draft(world: World, chat: Chat) -> None:
    if chat.draft:
        gone, chat.draft = chat.draft, None
        world.emit(chat, "draft_gone", {"draft_id": gone.draft_id})


def send_rich(world: World, bot: Bot, params: Params) -> Json:
    target(world, bot, params)
    raise Refusal(400, "Bad Request: rich messages are not supported here")


def without_reply(message: Json) -> Json:
    return {key: value for key, value in message.items() if key != "reply_to_message"}
