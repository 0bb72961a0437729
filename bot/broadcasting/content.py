"""A broadcast's message: read from what an admin sent, and made again for each chat."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.methods import SendDocument, SendMessage, SendPhoto, TelegramMethod
from aiogram.types import LinkPreviewOptions, Message, MessageEntity

from core import BroadcastContent

CAPTION_UNITS = 1024
"""Of UTF-16. People with a subscription may write longer ones, bots may not."""


def content_of(message: Message) -> BroadcastContent | None:
    """None for what can't be broadcast: only texts, photos and documents can."""
    match message.content_type:
        case "text":
            options = message.link_preview_options
            preview = options.model_dump(mode="json", exclude_unset=True) if options else None
            return BroadcastContent(
                kind="text",
                text=message.text or "",
                entities=_rows(message.entities),
                file_id=None,
                options={"link_preview": preview} if preview else {},
            )
        case "photo" if message.photo:
            largest = max(message.photo, key=lambda size: size.width * size.height)
            return BroadcastContent(
                kind="photo",
                text=message.caption or "",
                entities=_rows(message.caption_entities),
                file_id=largest.file_id,
                options={
                    "above": bool(message.show_caption_above_media),
                    "spoiler": bool(message.has_media_spoiler),
                },
            )
        case "document" if message.document:
            return BroadcastContent(
                kind="document",
                text=message.caption or "",
                entities=_rows(message.caption_entities),
                file_id=message.document.file_id,
                options={},
            )
        case _:
            return None


def has_long_caption(content: BroadcastContent) -> bool:
    units = len(content.text.encode("utf-16-le")) // 2
    return content.kind != "text" and units > CAPTION_UNITS


def letter_to(chat_id: int, content: BroadcastContent) -> TelegramMethod[Message]:
    """The same message for this chat; formatting goes as entities, without a parse mode."""
    entities = [MessageEntity.model_validate(row) for row in content.entities]
    if content.kind == "text":
        preview = content.options.get("link_preview")
        return SendMessage(
            chat_id=chat_id,
            text=content.text,
            entities=entities,
            parse_mode=None,
            link_preview_options=LinkPreviewOptions.model_validate(preview) if preview else None,
        )
    if content.kind == "photo":
        return SendPhoto(
            chat_id=chat_id,
            photo=content.file_id or "",
            caption=content.text or None,
            caption_entities=entities,
            parse_mode=None,
            show_caption_above_media=content.options.get("above") or None,
            has_spoiler=content.options.get("spoiler") or None,
        )
    return SendDocument(
        chat_id=chat_id,
        document=content.file_id or "",
        caption=content.text or None,
        caption_entities=entities,
        parse_mode=None,
    )


def _rows(entities: Sequence[MessageEntity] | None) -> tuple[dict[str, object], ...]:
    return tuple(
        entity.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        for entity in entities or ()
    )
