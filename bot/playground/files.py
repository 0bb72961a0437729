"""Files that were sent through the playground, by the id and the path Telegram would give."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.playground.shapes import Json

if TYPE_CHECKING:
    from bot.playground.keeping import Keeping

DOWNLOAD_LIMIT = 20 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    file_id: str
    unique_id: str
    name: str
    mime_type: str
    path: str
    size: int
    extra: Json

    def reference(self) -> Json:
        """The part that every kind of Telegram file object has in common."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
            **self.extra,
        }


class FileShelf:
    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._files: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._contents: dict[str, bytes] = {}

    def add(
        self, folder: str, name: str, mime_type: str, content: bytes, extra: Json
    ) -> StoredFile:
        number = len(self._files)
        suffix = name.rpartition(".")[2] if "." in name else ""
        ending = f".{suffix}" if suffix.isalnum() and suffix.isascii() else ""
        file = StoredFile(
            file_id=f"pg-{folder}-{secrets.token_urlsafe(24)}",
            unique_id=secrets.token_urlsafe(9),
            name=name,
            mime_type=mime_type,
            path=f"{folder}/file_{number}{ending}",
            size=len(content),
            extra=extra,
        )
        self.restore(file)
        if not self._keeping.put_file(file, content):
            self._contents[file.file_id] = content
        return file

    def restore(self, file: StoredFile) -> None:
        self._files[file.file_id] = file
        self._by_path[file.path] = file

    def find(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def content(self, file: StoredFile) -> bytes:
        found = self._contents.get(file.file_id)
        return self._keeping.file_content(file) if found is None else found
