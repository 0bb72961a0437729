"""Files inside a message of the person: what the front end knew of them, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from core.dialogue.attachments import Kind


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as the front end received it; it travels in `payload["files"]` of a message.

    `key` names the update and `message` the message it came with. `telegram_id` fetches the
    file, `unique_id` tells whether it is the same one. `said` stands for the file in the dialogue
    until it has been heard, seen or read; `caption` are the person's words to it.
    """

    kind: Kind
    key: str
    message: int
    telegram_id: str
    unique_id: str
    size: int | None
    mime: str
    name: str
    seconds: int | None
    said: str
    caption: str

    def row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """`file_id` is set once the bytes are kept, `state` once they have been read: `ok`, `cut` (only
    the beginning), or why they were not, see `core/prompts/unread.*.md`."""

    index: int
    kind: Kind
    message: int
    telegram_id: str
    unique_id: str
    size: int | None
    mime: str
    name: str
    seconds: int | None
    caption: str
    file_id: str | None
    state: str | None


READ = frozenset({"ok", "cut"})


def read_files(rows: Iterable[dict[str, Any]] | None) -> tuple[IncomingFile, ...]:
    return tuple(
        IncomingFile(
            index=index,
            kind=row["kind"],
            message=row["message"],
            telegram_id=row["telegram_id"],
            unique_id=row["unique_id"],
            size=row["size"],
            mime=row["mime"],
            name=row["name"],
            seconds=row["seconds"],
            caption=row["caption"],
            file_id=row.get("file_id"),
            state=row.get("state"),
        )
        for index, row in enumerate(rows or ())
    )
