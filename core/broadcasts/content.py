"""What a broadcast says, as the database keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "photo", "document"]


@dataclass(frozen=True, slots=True)
class BroadcastContent:
    """`text` is a message's text or a file's caption, `entities` are Telegram's own objects of its
    formatting, offsets in UTF-16 units. `file_id` is Telegram's, for the bot that got the file, and
    None for a text. `options` are what else the front end needs to show it as its author saw it.
    """

    kind: Kind
    text: str
    entities: tuple[Mapping[str, Any], ...]
    file_id: str | None
    options: Mapping[str, Any]

    def row(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "entities": [dict(entity) for entity in self.entities],
            "telegram_file_id": self.file_id,
            "options": dict(self.options),
        }


def read_content(row: Mapping[str, Any]) -> BroadcastContent:
    return BroadcastContent(
        kind=row["kind"],
        text=row.get("text") or "",
        entities=tuple(row.get("entities") or ()),
        file_id=row.get("telegram_file_id"),
        options=row.get("options") or {},
    )
