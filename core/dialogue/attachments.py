"""Files between a person and the companion: found by their owner alone, sent without a new upload
where Telegram still knows them."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from core.database import Database
from core.files import FileStore

Kind = Literal["voice", "audio", "video_note", "video", "animation", "photo", "document"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """`telegram_id` is Telegram's own id of the file: sending by it costs nothing, but another
    bot's token makes it worthless. `file_id` and `path` are None while only Telegram has it, and
    it may not have told the `size`."""

    file_id: str | None
    path: str | None
    kind: Kind
    name: str
    mime: str
    size: int | None
    seconds: int | None
    telegram_id: str | None


@dataclass(frozen=True, slots=True)
class FileItem:
    """`made` by the companion for the person, else sent by the person."""

    attachment: Attachment
    made: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FilesPage:
    title: str
    total: int
    items: tuple[FileItem, ...]


class Attachments:
    """Everything raises `NotFound` for what is not there or not this person's."""

    def __init__(self, db: Database, store: FileStore) -> None:
        self._db = db
        self._store = store

    async def page(self, user_id: str, vision_id: str, offset: int, limit: int) -> FilesPage:
        """Files of a vision, the newest first."""
        row = await self._db.call(
            "list_files", user_id=user_id, vision_id=vision_id, offset=offset, limit=limit
        )
        items = tuple(
            FileItem(
                attachment=read_attachment(item),
                made=item["made"],
                created_at=datetime.fromisoformat(item["created_at"]),
            )
            for item in row["items"]
        )
        return FilesPage(title=row["title"], total=row["total"], items=items)

    async def of_file(self, user_id: str, file_id: str) -> Attachment:
        return read_attachment(await self._db.call("get_file", user_id=user_id, file_id=file_id))

    async def of_message(self, user_id: str, message_id: int, index: int) -> Attachment:
        """The file number `index` (from 0) of a message of the person, or the file of a message
        of the companion (0). `message_id` is `Entry.id`."""
        row = await self._db.call(
            "get_message_file", user_id=user_id, message_id=message_id, index=index
        )
        return read_attachment(row)

    def local(self, attachment: Attachment) -> AbstractAsyncContextManager[Path]:
        """The bytes as a file on this machine while inside. Raises `FileMissing`."""
        return self._store.local(attachment.path or "")

    async def uploaded(self, user_id: str, attachment: Attachment, telegram_id: str) -> None:
        """Telegram knows the file by this id now: next time nothing is uploaded."""
        if attachment.file_id:
            await self._db.call(
                "file_uploaded",
                user_id=user_id,
                file_id=attachment.file_id,
                telegram_id=telegram_id,
            )


def read_attachment(row: dict[str, Any]) -> Attachment:
    return Attachment(
        file_id=row["file_id"],
        path=row["path"],
        kind=row["kind"],
        name=row["name"],
        mime=row["mime"],
        size=row["size"],
        seconds=row["seconds"],
        telegram_id=row["telegram_id"],
    )
