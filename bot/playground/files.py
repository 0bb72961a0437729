"""Files that were sent through the playground, by the id and the path Telegram would give."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.playground.shapes import Json

if TYPE_CHECKING:
    from bot.playground.keeping import Keeping

DOWNLOAD_LIMIT = 20 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`folder` tells the kind of file: by its id a file is sent as the same kind only."""

    file_id: str
    unique_id: str
    name: str
    mime_type: str
    path: str
    size: int
    extra: Json

    @property
    def folder(self) -> str:
        return self.path.partition("/")[0]

    def reference(self) -> Json:
        """The part that every kind of Telegram file object has in common."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
            **self.extra,
        }


class FileShelf:
    """`expired`: Telegram has forgotten all files, as happens to old ones."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._files: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self.expired = False

    def add(
        self,
        folder: str,
        name: str,
        mime_type: str,
        source: Path,
        extra: Json,
        size: int,
        ending: str | None = None,
    ) -> StoredFile:
        """Takes the file at `source` over. `size` is what bots are told, `ending` how the path
        for downloads ends: None for that of the name."""
        number = len(self._files)
        suffix = name.rpartition(".")[2] if "." in name else ""
        if ending is None:
            ending = f".{suffix}" if suffix.isalnum() and suffix.isascii() else ""
        file = StoredFile(
            file_id=f"pg-{folder}-{secrets.token_urlsafe(24)}",
            unique_id=secrets.token_urlsafe(9),
            name=name,
            mime_type=mime_type,
            path=f"{folder}/file_{number}{ending}",
            size=size,
            extra=extra,
        )
        source.rename(self._keeping.files / file.unique_id)
        self.restore(file)
        self._keeping.put_file(file)
        return file

    def restore(self, file: StoredFile) -> None:
        self._files[file.file_id] = file
        self._by_path[file.path] = file

    def find(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def known(self, file_id: str) -> StoredFile | None:
        """As `find`, for bots: None for what Telegram has forgotten."""
        return None if self.expired else self._files.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        return None if self.expired else self._by_path.get(path)

    def content(self, file: StoredFile) -> Path:
        """The bytes, as a file to read. LookupError where they are gone."""
        path = self._keeping.files / file.unique_id
        if not path.is_file():
            raise LookupError(file.file_id)
        return path
