"""Everything about a person in portions that fit into memory, in an order that can be gone on with.

A place is {source, after, part}: the next portion of that source begins after that row; `after` is
None behind its last one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from core.database import Database
from core.dialogue.messages import Entry, read_entry
from core.own_data.front import ExportJob, ExportWords, VisionHead

Row = dict[str, Any]
Place = dict[str, Any]

PART_BYTES = 1_000_000
"""A longer list or dialogue comes in several files."""
_ROWS = 500
_FILES = "kept files"


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes in the file store."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Members of the archive that belong together; `units` tells how much of the work it was, and
    `next` where to go on after it."""

    members: tuple[tuple[str, bytes | Kept], ...]
    units: int
    next: Place

    @property
    def size(self) -> int:
        return sum(len(m) if isinstance(m, bytes) else m.size for _, m in self.members)


class Portions:
    def __init__(self, db: Database, job: ExportJob, words: ExportWords) -> None:
        self._db = db
        self._job = job
        self._words = words

    async def after(self, place: Place | None) -> AsyncGenerator[Portion, None]:
        """Raises `LeaseLost` when somebody else has taken the job over."""
        tables = await self._db.call("export_tables")
        visions = [vision async for vision in self._visions()]
        if place is None:
            readme = self._words.readme(visions).encode()
            yield Portion((("README.md", readme),), 1, {"source": "", "after": None, "part": 0})
        ahead = place["source"] if place else ""
        for name in tables["common"]:
            async for portion in self._from(name, ahead, place, self._table(name, place)):
                yield portion
            ahead = "" if name == ahead else ahead
        for vision in visions:
            async for portion in self._from(vision.id, ahead, place, self._dialogue(vision, place)):
                yield portion
            ahead = "" if vision.id == ahead else ahead
        async for portion in self._from(_FILES, ahead, place, self._files(visions, place)):
            yield portion

    async def _from(
        self, source: str, ahead: str, place: Place | None, portions: AsyncGenerator[Portion, None]
    ) -> AsyncGenerator[Portion, None]:
        if ahead and (ahead != source or (place and place["after"] is None)):
            return
        async for portion in portions:
            yield portion

    async def _table(self, name: str, place: Place | None) -> AsyncGenerator[Portion, None]:
        async for rows, part, following in self._parts(name, name, None, place):
            yield Portion((_listed(f"data/{name}", part, rows),), len(rows), following)

    async def _dialogue(
        self, vision: VisionHead, place: Place | None
    ) -> AsyncGenerator[Portion, None]:
        folder = f"visions/{self._words.folder(vision)}"
        some = False
        async for rows, part, following in self._parts(
            vision.id, "vision_messages", vision.id, place
        ):
            some = True
            # Some thousand messages to be put into words: others must not wait for it.
            said = await asyncio.to_thread(self._words.dialogue, vision, _entries(rows))
            members = (
                (_named(f"{folder}/dialogue", part, "md"), said.encode("utf-8", "replace")),
                _listed(f"{folder}/messages", part, rows),
            )
            yield Portion(members, len(rows), following)
        if not some and not (place and place["source"] == vision.id):
            said = self._words.dialogue(vision, ()).encode()
            yield Portion(((f"{folder}/dialogue.md", said),), 1, _place(vision.id, None, 1))

    async def _files(
        self, visions: Sequence[VisionHead], place: Place | None
    ) -> AsyncGenerator[Portion, None]:
        folders = {v.id: f"visions/{self._words.folder(v)}/files" for v in visions}
        after = place["after"] if place and place["source"] == _FILES else None
        while True:
            rows, after = await self._rows("files", None, after)
            for row in rows:
                folder = folders.get(row["vision_id"], "files")
                name = f"{folder}/{self._words.file(row)}"
                kept = Kept(row["storage_path"], row["size"])
                yield Portion(((name, kept),), 1, _place(_FILES, {"id": row["id"]}, 0))
            if after is None:
                return

    async def _parts(
        self, source: str, table: str, vision_id: str | None, place: Place | None
    ) -> AsyncGenerator[tuple[list[Row], int, Place], None]:
        here = place if place and place["source"] == source else None
        after, part = (here["after"], here["part"]) if here else (None, 0)
        size, waiting = 0, list[Row]()
        while True:
            rows, after = await self._rows(table, vision_id, after)
            waiting += rows
            size += sum(len(orjson.dumps(row)) for row in rows)
            if waiting and (size >= PART_BYTES or after is None):
                part += 1
                yield waiting, part, _place(source, after, part)
                size, waiting = 0, []
            if after is None:
                return

    async def _visions(self) -> AsyncGenerator[VisionHead, None]:
        number, after = 0, None
        while True:
            rows, after = await self._rows("visions", None, after)
            for row in rows:
                number += 1
                yield VisionHead(
                    id=row["id"],
                    number=number,
                    title=row["title"],
                    status=row["status"],
                    messages=row["messages"],
                    created_at=datetime.fromisoformat(row["created_at"]),
                )
            if after is None:
                return

    async def _rows(
        self, table: str, vision_id: str | None, after: Row | None
    ) -> tuple[list[Row], Row | None]:
        page = await self._db.call(
            "export_rows",
            id=self._job.id,
            lease=self._job.lease,
            table=table,
            vision_id=vision_id,
            after=after,
            limit=_ROWS,
        )
        return page["rows"], page["after"]


def _place(source: str, after: Row | None, part: int) -> Place:
    return {"source": source, "after": after, "part": part}


def _listed(stem: str, part: int, rows: Sequence[Row]) -> tuple[str, bytes]:
    return _named(stem, part, "json"), orjson.dumps(rows, option=orjson.OPT_INDENT_2)


def _named(stem: str, part: int, ending: str) -> str:
    return f"{stem}.{ending}" if part == 1 else f"{stem}-{part}.{ending}"


def _entries(rows: Sequence[Row]) -> list[Entry]:
    return [read_entry(_as_read(row)) for row in rows if row["sender"] != "system"]


def _as_read(row: Row) -> Row:
    payload = row["payload"]
    count = len(payload.get("files", ())) or int("file_id" in payload)
    return row | {"files": count}
