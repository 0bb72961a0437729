"""Files on their way to a person: by Telegram's own id where it knows them, else uploaded once."""

from __future__ import annotations

import logging
import mimetypes
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Literal

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.methods import (
    SendAnimation,
    SendAudio,
    SendDocument,
    SendPhoto,
    SendVideo,
    SendVideoNote,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import FSInputFile, Message

from bot.delivery.letter import UNKNOWN_ID, Letter, send_letter
from bot.telegram import REQUEST_SECONDS, DoneUnreadably
from bot.texts.file_names import visible
from core import Attachment, AttachmentKind, Attachments, CoreError, FileMissing

log = logging.getLogger(__name__)

UPLOAD_BYTES = 50 << 20
PHOTO_BYTES = 10 << 20
SLOWEST_UPLOAD = 1_000_000
"""Bytes per second; a line that is slower than that gives the next try its chance."""

NAME_CHARACTERS = 120
VOICES_FORBIDDEN = "VOICE_MESSAGES_FORBIDDEN"

_PICTURES = frozenset({"", "image/jpeg", "image/png", "image/webp"})
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|]+')
"""Harmful in headers or as paths."""
_ABOUT_THE_FILE = re.compile("file|media|photo|type of", re.IGNORECASE)

_METHODS: dict[AttachmentKind, type[TelegramMethod[Message]]] = {
    "voice": SendVoice,
    "audio": SendAudio,
    "video_note": SendVideoNote,
    "video": SendVideo,
    "animation": SendAnimation,
    "photo": SendPhoto,
    "document": SendDocument,
}


class Unsendable(Exception):
    """The file can't come, now or later: nobody has it any more, or it is too heavy for a bot."""

    def __init__(self, why: Literal["file_lost", "file_heavy"]) -> None:
        super().__init__(why)
        self.why: Literal["file_lost", "file_heavy"] = why


class VoicesForbidden(Exception):
    """The person takes no voice messages, by a setting of their Telegram."""


async def send_attachment(
    bot: Bot,
    attachments: Attachments,
    user_id: str,
    chat_id: int,
    thread_id: int | None,
    letter: Letter,
) -> int:
    """Telegram's id of the message with `letter.attachment`.

    Raises `Unsendable`, `VoicesForbidden`, `Unavailable` where the store can't be reached, and
    what Telegram answers otherwise. A kind that Telegram refuses is sent as a document.
    """
    attachment = letter.attachment
    assert attachment
    if attachment.telegram_id:
        sent = await _by_id(bot, chat_id, thread_id, letter, attachment)
        if sent is not None:
            return sent
    async with _uploadable(attachments, attachment) as file:
        message = await _upload(bot, chat_id, thread_id, letter, attachment, file)
    if message is None:
        return UNKNOWN_ID
    if known := _telegram_id(message, _field(attachment)):
        try:
            await attachments.uploaded(user_id, attachment, known)
        except CoreError as error:
            log.info("the next time this file is uploaded again: %s", error)
    return message.message_id


async def send_known(bot: Bot, chat_id: int, letter: Letter) -> int:
    """Telegram's id of the message with a file that only Telegram has, or of the words alone where
    it is not to be had any more, or not to be sent."""
    attachment = letter.attachment
    assert attachment
    words = replace(letter, attachment=None)
    if _field(attachment) == "video_note":
        # It takes no caption.
        number = await send_letter(bot, chat_id, None, words)
        await _by_id(bot, chat_id, None, Letter("", [], attachment=attachment), attachment)
        return number
    try:
        sent = await _by_id(bot, chat_id, None, letter, attachment)
    except VoicesForbidden:
        sent = None
    return sent if sent is not None else await send_letter(bot, chat_id, None, words)


def file_name(name: str) -> str:
    """Safe in a header and on every disk; the ending of a long name stays."""
    safe = " ".join(_NOT_IN_NAMES.sub(" ", visible(name)).split()).strip(". ")
    if len(safe) <= NAME_CHARACTERS:
        return safe
    stem, dot, ending = safe.rpartition(".")
    tail = dot + ending if stem and len(ending) <= 10 else ""
    return safe[: NAME_CHARACTERS - len(tail)].rstrip() + tail


async def _by_id(
    bot: Bot, chat_id: int, thread_id: int | None, letter: Letter, attachment: Attachment
) -> int | None:
    """None if Telegram does not know the file by this id (any more)."""
    field, file = _field(attachment), attachment.telegram_id or ""
    refusal: TelegramBadRequest | None = None
    for dress in letter.dresses():
        try:
            message = await bot(_method(field, file, attachment, chat_id, thread_id, dress))
        except DoneUnreadably:
            return UNKNOWN_ID
        except TelegramBadRequest as error:
            _raise_forbidden(error)
            if "thread not found" in error.message:
                thread_id = None
            elif _ABOUT_THE_FILE.search(error.message):
                log.info("Telegram does not take a file by its id: %s", error.message)
                return None
            refusal = error
        else:
            return message.message_id
    assert refusal
    raise refusal


async def _upload(
    bot: Bot,
    chat_id: int,
    thread_id: int | None,
    letter: Letter,
    attachment: Attachment,
    file: FSInputFile,
) -> Message | None:
    """None for a message that was sent, but can't be read."""
    field = _field(attachment)
    seconds = round(REQUEST_SECONDS + _size(attachment) / SLOWEST_UPLOAD)
    dresses: list[tuple[AttachmentKind, Letter]] = [(field, dress) for dress in letter.dresses()]
    if field != "document":
        dresses.append(("document", dresses[-1][1]))
    refusal: TelegramBadRequest | None = None
    for kind, dress in dresses:
        method = _method(kind, file, attachment, chat_id, thread_id, dress)
        try:
            return await bot(method, request_timeout=seconds)
        except DoneUnreadably:
            return None
        except TelegramEntityTooLarge:
            raise Unsendable("file_heavy") from None
        except TelegramBadRequest as error:
            _raise_forbidden(error)
            if "thread not found" in error.message:
                thread_id = None
            refusal = error
    assert refusal
    if _ABOUT_THE_FILE.search(refusal.message):
        log.error("Telegram refuses a file of ours: %s", refusal.message)
        raise Unsendable("file_lost")
    raise refusal


@asynccontextmanager
async def _uploadable(
    attachments: Attachments, attachment: Attachment
) -> AsyncGenerator[FSInputFile]:
    if _size(attachment) > UPLOAD_BYTES:
        raise Unsendable("file_heavy")
    if not attachment.path:
        raise Unsendable("file_lost")
    try:
        async with attachments.local(attachment) as path:
            yield FSInputFile(path, filename=_name(attachment))
    except FileMissing:
        log.error("the store has lost a file of %d bytes", attachment.size)
        raise Unsendable("file_lost") from None


def _size(attachment: Attachment) -> int:
    """Telegram does not always tell it."""
    return attachment.size or 0


def _name(attachment: Attachment) -> str:
    ending = mimetypes.guess_extension(attachment.mime) or ""
    return file_name(attachment.name) or attachment.kind + ending


def _raise_forbidden(error: TelegramBadRequest) -> None:
    if VOICES_FORBIDDEN in error.message:
        raise VoicesForbidden from error


def _field(attachment: Attachment) -> AttachmentKind:
    """How the file is sent. A picture that is no photo for Telegram goes as it is."""
    photo = attachment.mime in _PICTURES and _size(attachment) <= PHOTO_BYTES
    return "document" if attachment.kind == "photo" and not photo else attachment.kind


def _method(
    field: AttachmentKind,
    file: FSInputFile | str,
    attachment: Attachment,
    chat_id: int,
    thread_id: int | None,
    letter: Letter,
) -> TelegramMethod[Message]:
    content: dict[str, Any] = {
        field: file,
        "chat_id": chat_id,
        "message_thread_id": thread_id,
        "disable_notification": letter.silent or None,
        "reply_parameters": letter.reply_parameters,
        "reply_markup": letter.keyboard,
    }
    if field not in ("photo", "document"):
        content["duration"] = attachment.seconds
    if field != "video_note":
        content["caption"] = letter.text or None
        content["caption_entities"] = letter.entities or None
        content["parse_mode"] = "HTML" if letter.html else None
    if field == "document":
        # Otherwise Telegram makes animations and voices of what was meant to be a file.
        content["disable_content_type_detection"] = True
    return _METHODS[field](**content)


def _telegram_id(message: Message, field: AttachmentKind) -> str | None:
    """None where Telegram made something else of the file: by that id it could not be sent so."""
    media: Any = getattr(message, field)
    if field == "photo" and media:
        media = media[-1]
    return media.file_id if media else None
