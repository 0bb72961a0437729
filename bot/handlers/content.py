"""What a message says to the companion: text, or a bracketed word for what it can't see yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiogram.enums import ContentType
from aiogram.types import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.delivery.text import is_blank
from bot.handlers.describing import Type, describe
from bot.texts import Words

QUOTE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Content:
    """`payload` keeps Telegram's own ids, so that a later version can still fetch the file."""

    type: Type
    text: str
    payload: dict[str, Any]


def content_of(message: Message, words: Words) -> Content | None:
    """None for service messages and for kinds that this version doesn't know."""
    if message.text is not None:
        kind: Type = "text"
        text, payload = message.text, dict[str, Any]()
    elif described := describe(message, words):
        kind, text = described
        payload = {"kind": ContentType(message.content_type).value} | _file(message)
        if message.caption:
            text = f"{text}\n{message.caption}"
    else:
        return None
    if is_blank(text):
        return Content(kind, "", payload)
    if message.quote:
        quote = message.quote.text[:QUOTE_CHARACTERS]
        text = f"{words.plain('said-quote', quote=quote)}\n{text}"
    if message.forward_origin:
        author = _author(message.forward_origin)
        payload["forwarded_from"] = author
        text = f"{_forwarded(author, words)}\n{_quoted(text)}"
    return Content(kind, text, payload)


def _forwarded(author: str, words: Words) -> str:
    if not author:
        return words.plain("said-forwarded-unknown")
    return words.plain("said-forwarded", name=author)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _author(origin: object) -> str:
    match origin:
        case MessageOriginUser():
            return origin.sender_user.full_name
        case MessageOriginHiddenUser():
            return origin.sender_user_name
        case MessageOriginChat():
            return origin.sender_chat.title or ""
        case MessageOriginChannel():
            return origin.chat.title or ""
        case _:
            return ""


def _file(message: Message) -> dict[str, Any]:
    photo = message.photo[-1] if message.photo else None
    media = (
        message.voice
        or message.audio
        or message.video_note
        or message.video
        or message.animation
        or message.document
        or message.sticker
        or photo
    )
    if media is None:
        return {}
    known = {
        "file_id": media.file_id,
        "file_unique_id": media.file_unique_id,
        "file_size": media.file_size,
        "mime_type": getattr(media, "mime_type", None),
        "file_name": getattr(media, "file_name", None),
        "duration": getattr(media, "duration", None),
    }
    return {name: value for name, value in known.items() if value is not None}
