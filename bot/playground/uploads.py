"""Files that come with a request: streamed to disk, so that many at once don't fill the memory."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.playground.refusals import Refusal

if TYPE_CHECKING:
    from aiohttp import BodyPartReader

UPLOAD_LIMIT = 50 << 20
CHUNK = 256 << 10
HEAD = 256 << 10


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Upload:
    """The file at `path` goes together with this object, unless it was moved away."""

    name: str
    path: Path
    size: int
    content_type: str

    def __post_init__(self) -> None:
        weakref.finalize(self, _remove, self.path)

    def head(self) -> bytes:
        """As much as it takes to see what the file is."""
        with self.path.open("rb") as file:
            return file.read(HEAD)


def written(folder: Path, content: bytes, name: str, content_type: str) -> Upload:
    path = folder / uuid4().hex
    path.write_bytes(content)
    return Upload(name, path, len(content), content_type)


async def receive(part: BodyPartReader, folder: Path) -> Upload:
    """Raises the refusal Telegram gives for a file above 50 MB."""
    name = (part.filename or "").replace("\\", "/").rpartition("/")[2] or "file"
    path = folder / uuid4().hex
    size = 0
    try:
        with path.open("wb") as file:
            while chunk := await part.read_chunk(CHUNK):
                size += len(chunk)
                if size > UPLOAD_LIMIT:
                    raise Refusal(413, "Request Entity Too Large")
                file.write(chunk)
    except BaseException:
        _remove(path)
        raise
    kind = part.headers.get("Content-Type", "application/octet-stream")
    return Upload(name, path, size, kind)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
