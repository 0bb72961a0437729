"""A database and a file store as a bot leaves them in the middle of its work."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import psycopg

_FILL = Path(__file__).with_suffix(".sql")
_FILE = """
insert into public.files (user_id, vision_id, storage_path, mime, size, meta)
  values ('u1', '00000000-0000-4000-8000-000000000001', %s, 'image/png', %s, %s)
"""
_MOMENTARY = ("locks",)
VISION = "00000000-0000-4000-8000-000000000001"


def fill(dsn: str, files: Path, *, people: int = 300, messages: int = 3000, kept: int = 12) -> None:
    """A migrated database and `DATA_DIR/files`; every third file is large, one has two names. Every
    table has rows: one that a migration adds needs its line in stored_data.sql."""
    numbers = {"people": people, "messages": messages}
    with psycopg.connect(dsn, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(_FILL.read_bytes(), numbers)
        for number in range(kept):
            path, size = keep_file(files, content(number))
            connection.execute(_FILE, (path, size, '{"name": "фото"}'))
        if kept:
            connection.execute(_FILE, (path, size, '{"name": "другое имя"}'))
    empty = [name for name, rows in rows_of(dsn, without=_MOMENTARY).items() if not rows]
    assert empty == ([] if kept else ["public.files"]), empty


def content(number: int) -> bytes:
    return f"файл {number} ".encode() * (100_000 if number % 3 == 0 else 10)


def keep_file(files: Path, data: bytes) -> tuple[str, int]:
    path = f"{VISION}/{hashlib.sha256(data).hexdigest()}"
    place = files / "kept" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return path, len(data)


def files_of(folder: Path) -> dict[str, bytes]:
    kept = folder / "kept"
    return {str(file.relative_to(kept)): file.read_bytes() for file in kept.glob("*/*")}


def rows_of(dsn: str, *, without: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Every row of every table and the state of every sequence, as text, in order."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(dsn) as connection:
        names = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname in ('public', 'supabase_migrations')"
        ).fetchall()
        for (name,) in names:
            if name.removeprefix("public.") not in without:
                rows = connection.execute(f"select t::text from {name} t order by 1".encode())
                found[name] = rows.fetchall()
        sequences = connection.execute(
            "select format('%I.%I', schemaname, sequencename) from pg_sequences"
        ).fetchall()
        for (name,) in sequences:
            state = connection.execute(f"select last_value, is_called from {name}".encode())
            found[name] = state.fetchall()
    return found
