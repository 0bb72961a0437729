"""Two people who have something in every table, and a front end that keeps what it is given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from core.database import Database
from core.dialogue.messages import Entry
from core.errors import Unavailable
from core.files.local import LocalFiles
from core.own_data.front import ExportJob, ReadyVolume, VisionHead

ROWS = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True, slots=True)
class Somebody:
    """`mark` stands in all of their words, `files` are the paths of what they keep."""

    user_id: str
    telegram_id: int
    mark: str
    visions: tuple[str, ...]
    files: tuple[str, ...]


@dataclass
class Chat:
    """A front end that keeps what it is given; `refuse` fails so many sends."""

    volumes: list[bytes] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    farewells: list[tuple[int, str]] = field(default_factory=list)
    refuse: int = 0

    def words(self, job: ExportJob) -> Plain:
        return Plain()

    async def progress(self, job: ExportJob, percent: int) -> int | None:
        assert 0 <= percent < 100
        return 5

    async def send(self, job: ExportJob, volume: ReadyVolume, *, last: bool) -> None:
        if self.refuse:
            self.refuse -= 1
            raise Unavailable("Telegram is away")
        content = b"".join([chunk async for chunk in volume.read()])
        assert len(content) == volume.size
        self.volumes.append(content)

    async def finished(self, job: ExportJob, volumes: int, left_out: Sequence[str]) -> None:
        self.ends.append(f"done {volumes}")
        self.left_out = list(left_out)

    async def failed(self, job: ExportJob) -> None:
        self.ends.append("failed")

    async def farewell(self, chat_id: int, language: str) -> None:
        self.farewells.append((chat_id, language))

    def members(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for volume in self.volumes:
            with zipfile.ZipFile(io.BytesIO(volume)) as archive:
                assert archive.testzip() is None
                for name in archive.namelist():
                    assert name not in found
                    found[name] = archive.read(name)
        return found


class Plain:
    def folder(self, vision: VisionHead) -> str:
        return str(vision.number)

    def dialogue(self, vision: VisionHead, entries: Sequence[Entry]) -> str:
        return f"# {vision.title}\n" + "\n".join(entry.content for entry in entries)

    def file(self, row: dict[str, Any]) -> str:
        return row["id"]

    def readme(self, visions: Sequence[VisionHead]) -> str:
        return "\n".join(vision.title for vision in visions)


async def settle(
    db: Database, dsn: str, store: LocalFiles, one: Any, worker: Any, mark: str, number: int
) -> Somebody:
    """Give the signed in `one` an active vision, a frozen one and a deleted one, each with words,
    answers, an edit and files, words that wait, and a row in every other table."""
    visions: list[str] = []
    paths: list[str] = []
    for title in ("active", "frozen", "deleted"):
        vision = (await one.creates(f"{mark} {title}"))["id"]
        visions.append(vision)
        key = f"{one.user_id} {title}"
        await one.says(f"{mark} word", key=key)
        await one.call(
            "edit_message",
            origin_key=f"origin:{key}",
            type="text",
            content=f"{mark} edited",
            payload={},
        )
        for turn in await worker.claims():
            if turn["vision_id"] == vision:
                for delivery in (await worker.answers(turn, f"{mark} answer"))["deliveries"]:
                    await worker.delivers(delivery, 77)
            else:
                await db.call("release_turn", vision_id=turn["vision_id"], lease=turn["lease"])
        file = {"kind": "document", "key": mark, "message": 1, "unique_id": "x", "said": mark}
        said = {"head": f"{mark} unanswered", "files": [file]}
        await one.says("", payload=said, type="file")
        blob = await store.put(vision, _once(f"{mark} in the store {title}".encode()), limit=1000)
        paths.append(blob.path)
        await run(
            dsn,
            "insert into files (user_id, vision_id, storage_path, mime, size, meta)"
            " values (%s, %s, %s, %s, %s, %s)",
            one.user_id,
            vision,
            blob.path,
            "text/plain",
            blob.size,
            f'{{"name": "{mark}.txt"}}',
        )
    await one.call("set_vision_status", vision_id=visions[2], status="deleted")
    await one.call("set_vision_status", vision_id=visions[1], status="frozen")
    await one.call("activate_vision", vision_id=visions[1])
    await one.says(f"{mark} held")
    [[telegram_id]] = await run(
        dsn, "select telegram_id from telegram_accounts where user_id = %s", one.user_id
    )
    [[message]] = await run(
        dsn,
        "select min(id) from vision_messages where vision_id = %s and sender = 'assistant'",
        visions[0],
    )
    names = {
        "u": one.user_id,
        "t": telegram_id,
        "m": mark,
        "v": visions[0],
        "s": message,
        "n": number,
    }
    rows = ROWS.read_text()
    for name, value in names.items():
        rows = rows.replace(f"<{name}>", str(value))
    await run(dsn, rows)
    await run(
        dsn,
        "update users set timezone = 'Asia/Tomsk', meta = %s where id = %s",
        f'{{"word": "{mark}"}}',
        one.user_id,
    )
    return Somebody(one.user_id, telegram_id, mark, tuple(visions), tuple(paths))


async def everything(dsn: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        tables = await connection.execute(
            "select relname from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        found: dict[str, list[dict[str, Any]]] = {}
        for (name,) in await tables.fetchall():
            query = sql.SQL("select to_jsonb(t) from public.{} t order by t::text")
            rows = await connection.execute(query.format(sql.Identifier(name)))
            found[name] = [row for (row,) in await rows.fetchall()]
        return found


async def run(dsn: str, statement: str, *values: Any) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(statement.encode(), values or None)
        return await cursor.fetchall() if cursor.description else []


def kept(folder: Path) -> set[str]:
    return {f"{f.parent.name}/{f.name}" for f in (folder / "kept").glob("*/*")}


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
