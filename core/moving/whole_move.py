"""The move: everything is proved on the other side before the rows come, and they come at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core.database.migrate import migrate
from core.database.moved import Mark, read_mark, remove_mark, write_mark
from core.database.postmaster import major_of
from core.database.sole_use import serving, sole_use
from core.errors import Misconfigured
from core.files.local import LocalFiles
from core.files.storage import StorageFiles
from core.moving import Moved
from core.moving.copying import Copying, connected
from core.moving.uploading import Uploaded, Uploading
from core.progress import Progress

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
_FILES = "select storage_path, max(size) from public.files group by 1 order by 1"


async def move_everything(
    data_dir: Path, database_url: str, supabase_url: str, supabase_key: str, progress: Progress
) -> Moved:
    directory, files = data_dir / "postgres", data_dir / "files"
    if major_of(directory) is None:
        raise Misconfigured(f"there is no embedded database in {data_dir} to move")
    name = _name(database_url)
    with sole_use(directory), serving(directory) as source_dsn:
        mark = _own_mark(directory, name)
        if mark is not None and mark.done:
            return Moved(name, {}, None, [], 0, already=True)
        await migrate(source_dsn, MIGRATIONS)
        await migrate(database_url, MIGRATIONS)
        async with (
            connected(source_dsn, "the embedded database") as source,
            connected(database_url, "DATABASE_URL") as target,
        ):
            copying = Copying(source, target)
            if mark is not None and await copying.came_to_its_end(mark.transaction):
                write_mark(directory, replace(mark, done=True))
                return Moved(name, {}, None, [], 0, already=True)
            remove_mark(directory)
            tables = await copying.check()
            uploaded = None
            if supabase_url:
                store = StorageFiles(supabase_url, supabase_key, files / "scratch")
                uploaded = await _upload(source, LocalFiles(files), store, progress)
            mark = Mark(name, f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "", done=False)

            def committing(transaction: str) -> None:
                write_mark(directory, replace(mark, transaction=transaction))

            rows = await copying.copy(tables, progress, committing)
        write_mark(directory, replace(mark, done=True))
    return Moved(
        name,
        rows,
        uploaded.files if uploaded else None,
        uploaded.left if uploaded else [],
        uploaded.left_count if uploaded else 0,
    )


async def _upload(
    source: psycopg.AsyncConnection, local: LocalFiles, store: StorageFiles, progress: Progress
) -> Uploaded:
    await local.open()
    await store.open()
    try:
        rows = await (await source.execute(_FILES)).fetchall()
        return await Uploading(local, store, progress).upload([(path, size) for path, size in rows])
    finally:
        await store.close()
        await local.close()


def _own_mark(directory: Path, name: str) -> Mark | None:
    """The mark of an earlier run to the same target. Raises Misconfigured for another one."""
    mark = read_mark(directory)
    if mark is not None and mark.target != name:
        state = "was moved" if mark.done else "was being moved"
        raise Misconfigured(
            f"{directory} {state} to {mark.target} on {mark.at} UTC, and DATABASE_URL is {name}:"
            f" to move it once more, remove {directory / 'moved'}"
        )
    return mark


def _name(database_url: str) -> str:
    """What the target is called; without who enters it, and how."""
    given = conninfo_to_dict(database_url)
    host = given.get("host") or given.get("hostaddr") or "localhost"
    return f"{host}:{given.get('port') or 5432}/{given.get('dbname') or 'postgres'}"
