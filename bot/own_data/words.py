"""What the archive of one's own data says, and what is in it called."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from bot.delivery.attachments import file_name as safe
from bot.handlers.export import file_name, heading, said
from bot.texts import Words
from bot.texts.dates import date_long
from core import Entry, ExportJob, VisionHead, zone_of

_STEM_CHARACTERS = 60
_STEM_BYTES = 200
"""A disk takes 255 bytes of a name, and an emoji has four."""
_ENDING_CHARACTERS = 16
_ID_CHARACTERS = 8


class ArchiveWords:
    def __init__(self, job: ExportJob, words: Words) -> None:
        self._words = words
        self._zone = zone_of(job.timezone, words.language)
        self._asked_at = job.created_at.astimezone(self._zone)

    def folder(self, vision: VisionHead) -> str:
        return f"{vision.number:02} {file_name(vision.title, self._words)}"

    def dialogue(self, vision: VisionHead, entries: Sequence[Entry]) -> str:
        parts = [heading(vision.title, vision.created_at, self._zone, self._words)]
        before: Entry | None = None
        for entry in entries:
            parts.append(said(entry, before, self._zone, self._words))
            before = entry
        return "".join(parts)

    def file(self, row: dict[str, Any]) -> str:
        """Its day, its own name and the beginning of its id, by which `files.json` has more."""
        meta, words = row["meta"], self._words
        day = datetime.fromisoformat(row["created_at"]).astimezone(self._zone).date()
        name = PurePosixPath(safe(meta.get("name") or ""))
        ending = name.suffix
        if not ending.isascii() or not 1 < len(ending) <= _ENDING_CHARACTERS:
            ending = mimetypes.guess_extension(row["mime"]) or ""
        stem = name.stem or words.plain("file-kind", kind=meta.get("kind") or "document")
        stem = stem[:_STEM_CHARACTERS].encode()[:_STEM_BYTES].decode(errors="ignore").strip()
        return f"{day} {stem} {row['id'][:_ID_CHARACTERS]}{ending}"

    def readme(self, visions: Sequence[VisionHead]) -> str:
        words = self._words
        lines = [
            words.plain(
                "own-archive-line",
                folder=self.folder(vision),
                title=vision.title,
                status=vision.status,
                count=vision.messages,
                date=date_long(vision.created_at.astimezone(self._zone), words),
            )
            for vision in visions
        ]
        listed = "\n".join(lines) or words.plain("own-archive-no-visions")
        return words.plain(
            "own-archive-readme", date=date_long(self._asked_at, words), visions=listed
        )
