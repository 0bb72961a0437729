"""What a message says to the companion: text, files to be heard, seen and read, or a bracketed
word for what it can't see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from aiogram.enums import ContentType
from aiogram.types import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    PhotoSize,
)

from bot.delivery.text import is_blank
from bot.handlers.describing import describe
from bot.texts import Words
from core import AttachmentKind, SentFile, treatment

Type = Literal["text", "audio", "image", "file", "info"]

QUOTE_CHARACTERS = 300
NAME_CHARACTERS = 200
KINDS = frozenset(get_args(AttachmentKind))

PICTURE_SIDE = 2048
"""A larger photo would only be made smaller."""


@dataclass(frozen=True, slots=True)
class Content:
    """`payload` names the kind, the source of a forward, and the files with Telegram's own ids."""

    type: Type
    text: str
    payload: dict[str, Any]


def content_of(message: Message, words: Words, key: str) -> Content | None:
    """None for service messages and for kinds that this version doesn't know.

    `key` names the update. A message with a file leaves `text` to the store, which makes it of
    what is in `payload`.
    """
    if message.text is not None:
        return _worded(message, "text", message.text, {}, words)
    said = describe(message, words)
    if said is None:
        return None
    payload: dict[str, Any] = {"kind": ContentType(message.content_type).value}
    if file := _file(message, said, key):
        payload["files"] = [file.row()]
        if message.media_group_id:
            payload["album"] = message.media_group_id
        if head := _head(message, payload, words):
            payload["head"] = head
        return Content(_TYPES[treatment(file.kind, file.mime, file.name)], "", payload)
    text = f"{said}\n{message.caption}" if message.caption else said
    return _worded(message, "info", text, payload, words)


def own_words(content: Content) -> list[str]:
    """What the person has written, below their files too."""
    files: list[dict[str, Any]] = content.payload.get("files", [])
    return [content.text, *(file["caption"] for file in files)]


def _worded(
    message: Message, kind: Type, text: str, payload: dict[str, Any], words: Words
) -> Content:
    if is_blank(text):
        return Content(kind, "", payload)
    if head := _head(message, payload, words):
        text = f"{head}\n{_quoted(text) if message.forward_origin else text}"
    return Content(kind, text, payload)


def _head(message: Message, payload: dict[str, Any], words: Words) -> str:
    """What stands before the words: what they answer, and whose they are."""
    heads: list[str] = []
    if message.forward_origin:
        author = _author(message.forward_origin)
        payload["forwarded_from"] = author
        heads.append(_forwarded(author, words))
    if message.quote:
        quote = message.quote.text[:QUOTE_CHARACTERS]
        heads.append(words.plain("said-quote", quote=quote))
    return "\n".join(heads)


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


def _file(message: Message, said: str, key: str) -> SentFile | None:
    kind = "photo" if message.content_type == "live_photo" else message.content_type
    media: Any = _photo(message.photo) if kind == "photo" else getattr(message, kind, None)
    if kind not in KINDS or media is None:
        return None
    name: str = getattr(media, "file_name", None) or getattr(media, "title", None) or ""
    return SentFile(
        kind=kind,  # type: ignore[arg-type]  # one of KINDS
        key=key,
        message=message.message_id,
        telegram_id=media.file_id,
        unique_id=media.file_unique_id,
        size=media.file_size,
        mime=getattr(media, "mime_type", None) or _MIMES.get(kind, "application/octet-stream"),
        name=_cut(name.strip()),
        seconds=getattr(media, "duration", None),
        said=said,
        caption=message.caption or "",
    )


def _cut(name: str) -> str:
    """Names of files end with what they are."""
    if len(name) <= NAME_CHARACTERS:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 12:
        return name[:NAME_CHARACTERS]
    return f"{stem[: NAME_CHARACTERS - len(extension) - 1]}.{extension}"


_TYPES: dict[str, Type] = {"hear": "audio", "look": "image", "read": "file"}
_MIMES = {"photo": "image/jpeg", "voice": "audio/ogg", "video_note": "video/mp4"}


def _photo(sizes: list[PhotoSize] | None) -> PhotoSize | None:
    """The largest that is not too large."""
    fitting = [s for s in sizes or [] if max(s.width, s.height) <= PICTURE_SIDE]
    return max(fitting or sizes or [], key=lambda s: s.width * s.height, default=None)
