"""The archive in volumes: each whole by itself, together everything once, whatever breaks off."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.background import Background
from core.database.postgres import PostgresDatabase
from core.files.local import LocalFiles
from core.own_data import OwnData, exporting, portions, volume
from core.own_data.exporting import Exporting
from core.own_data.waking import Waking
from tests.contract.own_data_world import Chat

MESSAGES = 700
FILES = 7
_SAID = """
insert into users (id) values ('anna');
insert into telegram_accounts (telegram_id, user_id) values (7, 'anna');
insert into visions (id, user_id, title, messages)
  values ('00000000-0000-4000-8000-000000000001', 'anna', 'Дом', %(n)s),
         ('00000000-0000-4000-8000-000000000002', 'anna', 'Пусто', 0);
insert into vision_messages (id, vision_id, anchor, sender, content)
  select i, '00000000-0000-4000-8000-000000000001', i, 'user',
         'слово ' || i || repeat(md5(i::text), 10)
  from generate_series(1, %(n)s) i;
insert into tokenscount (clientid, clienttype, createdat)
  select 'anna', 'user', '2026-01-01' from generate_series(1, %(n)s) i;
"""
_FILE = """
insert into files (user_id, vision_id, storage_path, mime, size) values ('anna', %s, %s, 'x', %s)
"""
VISION = "00000000-0000-4000-8000-000000000001"


class Ground:
    def __init__(self, db: PostgresDatabase, dsn: str, store: LocalFiles) -> None:
        self.chat = Chat()
        self._dsn = dsn
        self._store = store
        self._background = Background()
        self.db = db
        self.exporting = Exporting(db, store, self.chat, self._background, Waking(db))

    async def has_file(self, content: bytes, *, lost: bool = False) -> None:
        async def once() -> AsyncIterator[bytes]:
            yield content

        blob = await self._store.put(VISION, once(), limit=len(content))
        await self.sql(_FILE, VISION, blob.path, blob.size)
        if lost:
            await self._store.delete([blob.path])

    async def sql(self, statement: str, *values: Any) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, cursor_factory=psycopg.AsyncClientCursor
        ) as connection:
            await connection.execute(statement.encode(), values or None)


@pytest.fixture
async def ground(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ground]:
    for module in (exporting, volume):
        monkeypatch.setattr(module, "VOLUME_BYTES", 150_000)
    monkeypatch.setattr(portions, "PART_BYTES", 40_000)
    db = PostgresDatabase(dsn, pool_size=2)
    await db.open()
    store = LocalFiles(tmp_path / "files")
    await store.open()
    ground = Ground(db, dsn, store)
    await ground.sql(_SAID.replace("%(n)s", str(MESSAGES)))
    for number in range(FILES):
        await ground.has_file(bytes([number]) * 60_000)
    await OwnData(db).ask_export("anna", chat_id=7, thread_id=None, source_key="ask")
    yield ground
    await db.close()
    assert list((tmp_path / "files" / "scratch").iterdir()) == []


def holds_everything(members: dict[str, bytes]) -> None:
    for stem, count in (("visions/1/messages", MESSAGES), ("data/tokenscount", MESSAGES)):
        rows = [
            row["id"]
            for name, content in members.items()
            if name.startswith(stem)
            for row in json.loads(content)
        ]
        assert sorted(rows) == list(range(1, count + 1))
    said = b"".join(c for name, c in members.items() if name.startswith("visions/1/dialogue"))
    assert said.decode().count("слово ") == MESSAGES
    files = [content for name, content in members.items() if "/files/" in name]
    assert sorted(files) == [bytes([number]) * 60_000 for number in range(FILES)]
    assert {"README.md", "visions/2/dialogue.md"} <= members.keys()


async def test_volumes_are_whole_and_not_heavier_than_they_may_be(ground: Ground) -> None:
    await ground.exporting.once()
    chat = ground.chat
    assert len(chat.volumes) > 4
    assert all(len(content) <= 150_000 for content in chat.volumes)
    holds_everything(chat.members())
    assert chat.ends == [f"done {len(chat.volumes)}"]


@pytest.mark.parametrize("arrived", [False, True])
async def test_after_a_kill_it_goes_on_behind_what_has_arrived(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, *, arrived: bool
) -> None:
    """Killed before each volume's arrival is written down, or before it is sent."""
    send, first = ground.chat.send, Counter[int]()

    async def killed(job: Any, ready: Any, *, last: bool) -> None:
        first[ready.number] += 1
        if first[ready.number] > 1:
            return await send(job, ready, last=last)
        if arrived:
            await send(job, ready, last=last)
        raise KeyboardInterrupt

    monkeypatch.setattr(ground.chat, "send", killed)
    while not ground.chat.ends:
        await ground.sql("update exports set run_at = now() where finished_at is null")
        try:
            await ground.exporting.once()
        except KeyboardInterrupt:
            continue
    if arrived:
        # The same one again, and nothing but that.
        assert len(ground.chat.volumes) % 2 == 0
        ground.chat.volumes = ground.chat.volumes[::2]
    holds_everything(ground.chat.members())


async def test_trouble_delays_and_never_repeats_what_has_arrived(ground: Ground) -> None:
    while not ground.chat.ends:
        ground.chat.refuse = 1
        await ground.exporting.once()
        ground.chat.refuse = 0
        await ground.sql("update exports set run_at = now() where finished_at is null")
        await ground.exporting.once()
    holds_everything(ground.chat.members())


async def test_what_is_too_heavy_or_lost_is_told_of(ground: Ground) -> None:
    await ground.has_file(b"heavy" * 40_000)
    await ground.has_file(b"lost", lost=True)
    await ground.exporting.once()
    assert len(ground.chat.left_out) == 2
    holds_everything(ground.chat.members())
