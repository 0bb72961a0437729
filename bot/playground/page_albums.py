"""Albums that people send from the page: several files at once, one media group."""

from __future__ import annotations

import secrets

from bot.playground import people
from bot.playground.html_text import utf16
from bot.playground.media import KINDS, shelve
from bot.playground.params import Params
from bot.playground.sending import without_reply
from bot.playground.shapes import Json
from bot.playground.texting import CAPTION_LIMIT
from bot.playground.world import Chat, World

SMALLEST, LARGEST = 2, 10
ALLOWED = frozenset({"photo", "video", "document", "audio"})


def send_album(world: World, chat: Chat, params: Params) -> list[Json]:
    """2–10 files in their order become messages with one `media_group_id`, or none of them does.

    The caption goes with the first one, as clients send it. Raises CannotDo, and Refusal for a
    file that Telegram would not take.
    """
    kind = KINDS.get(params.text("kind") or "photo")
    caption = params.text("caption").strip()
    uploads = list(params.uploads.values())
    fits = SMALLEST <= len(uploads) <= LARGEST and utf16(caption) <= CAPTION_LIMIT
    if kind is None or kind.field not in ALLOWED or not fits:
        raise people.CannotDo("invalid_album")
    if chat.blocked:
        raise people.CannotDo("blocked")
    extra: Json = {"media_group_id": str(secrets.randbits(53))}
    if original := chat.messages.get(params.integer("reply_to_message_id")):
        extra["reply_to_message"] = without_reply(original)
    contents: list[Json] = [
        {kind.field: shelve(world, kind, upload), **extra} for upload in uploads
    ]
    if caption:
        contents[0]["caption"] = caption
    return [people.post(world, chat, content) for content in contents]
