"""Two people who have something in every table, and marks by which each one's words are found."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from core.database import Database
from core.files.local import LocalFiles

BOT_ID = 4242

# What a table has that no call of a test would leave there. {u} is the user, {t} their Telegram id, {m} their
# mark, {v} a vision and {s} a message of theirs, {n} a number of their own.
ROWS = """
insert into kept_updates (bot_id, update_id, lane, payload, failed_at) values
  (4242, {n} * 10, '{t}', '{{"update_id": 1, "message": {{"from": {{"id": {t}}}, "text": "{m} kept"}}}}', now()),
  (4242, {n} * 10 + 1, '-100', '{{"edited_message": {{"from": {{"id": {t}}}, "text": "{m} in a group"}}}}', now());
insert into tokenscount (clientid, clienttype, provider, model, totaltokens, meta)
  select '{u}', 'user', 'p', 'm', i, '{{"visionid": "{v}", "purpose": "dialogue"}}' from generate_series(1, 3) i;
insert into admin_log (admin_id, act, user_id, details) values
  ('console:x', 'set_level', '{u}', '{{"to": "{m}"}}'), ('{u}', 'broadcast_started', null, '{{}}');
insert into invites (code_hash, note, uses, made_by, expires_at)
  values (sha256('{m}'), '{m} invite', 1, '{u}', now());
insert into invite_uses (invite_id, user_id, source_key) values
  ((select id from invites where made_by = '{u}'), '{u}', 'invited:{m}');
insert into account_links (code_hash, user_id, expires_at) values (sha256('{m} link'), '{u}', now());
insert into former_ids (old_id, user_id) values ('former {m}', '{u}');
insert into broadcasts (admin_id, content, screens, source_key)
  values ('{u}', '{{}}', '{{"{t}": 5, "7": 6}}', 'broadcast {n}');
insert into broadcast_recipients (broadcast_id, user_id, state, telegram_id)
  select id, '{u}', 'sent', {t} from broadcasts where admin_id = '{u}';
insert into problems (name, about) values ('p', '{n}');
insert into problem_words (name, about, telegram_id) values ('p', '{n}', {t});
insert into active_people (user_id, last_day, days) values ('{u}', now(), 1)
  on conflict (user_id) do update set days = 1;
insert into usage_days (user_id, day, tokens) values ('{u}', '2026-01-01', 5);
insert into notices (user_id, kind, content, source_key) values
  ('{u}', 'operators', '{{"text": "{m} notice"}}', 'notice {m}');
insert into votes (message_id, user_id, vote) values ({s}, '{u}', 1);
insert into feedback (id, thread, user_id, kind, content, message_id, source_key) overriding system value
  values ({n}, {n}, '{u}', 'text', '{m} feedback', {s}, 'feedback {m}');
insert into feedback (id, thread, user_id, admin_id, kind, content, source_key) overriding system value
  values ({n} + 500, {n}, '{u}', 'console:x', 'text', '{m} answered', 'answered {m}');
insert into notices (user_id, kind, content, source_key) values
  ((select min(id) from users where id <> '{u}'), 'feedback', '{{"user_id": "{u}", "text": "{m} told"}}',
   'feedback told {m}');
insert into exports (user_id, chat_id, source_key, finished_at) values ('{u}', {t}, 'export {m}', now());
insert into erasures (user_id, nonce) values ('{u}', '0{n}');
"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """`mark` stands in all of their words, `files` are the paths of what they keep."""

    user_id: str
    telegram_id: int
    mark: str
    visions: tuple[str, ...]
    files: tuple[str, ...]


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
        await _run(
            dsn,
            "insert into files (user_id, vision_id, storage_path, mime, size, meta) values (%s, %s, %s, %s, %s, %s)",
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
    [[telegram_id]] = await _run(
        dsn, "select telegram_id from telegram_accounts where user_id = %s", one.user_id
    )
    [[message]] = await _run(
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
    await _run(dsn, ROWS.format(**names))
    await _run(
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
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        found: dict[str, list[dict[str, Any]]] = {}
        for (name,) in await tables.fetchall():
            query = sql.SQL("select to_jsonb(t) from public.{} t order by t::text")
            rows = await connection.execute(query.format(sql.Identifier(name)))
            found[name] = [row for (row,) in await rows.fetchall()]
        return found


async def _run(dsn: str, statement: str, *values: Any) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(statement.encode(), values or None)
        return await cursor.fetchall() if cursor.description else []


run = _run


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def kept(folder: Path) -> set[str]:
    return {f"{f.parent.name}/{f.name}" for f in (folder / "kept").glob("*/*")}


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
