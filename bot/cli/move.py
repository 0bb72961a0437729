"""python -m bot move: from the embedded database to the one that is set, files included."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from bot.settings import Settings
from core import Misconfigured

if TYPE_CHECKING:
    from core import Moved

HELP = "move the embedded database to DATABASE_URL, and files to Supabase Storage"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.progress import ProgressBar
    from bot.cli.storage import interruptible
    from core import move

    if not settings.database_url.get_secret_value():
        raise Misconfigured(_needs_url(settings))
    bar = ProgressBar()
    try:
        moved = asyncio.run(
            move(
                settings.data_dir.absolute(),
                settings.database_url.get_secret_value(),
                settings.supabase_url,
                settings.supabase_secret_key.get_secret_value(),
                interruptible(bar),
            )
        )
    except KeyboardInterrupt:
        bar.clear()
        print("interrupted: run the same command again, it goes on from here", file=sys.stderr)
        return 130
    _tell(settings, moved)
    return 1 if moved.left_count else 0


def _needs_url(settings: Settings) -> str:
    if settings.supabase_url:
        return (
            "the rows are copied over a database connection: set DATABASE_URL for this once"
            " (dashboard of Supabase, Connect, Session pooler); afterwards you may remove it again"
        )
    return (
        "set DATABASE_URL to the database to move to; with SUPABASE_URL and SUPABASE_SECRET_KEY"
        " the files go to Supabase Storage"
    )


def _tell(settings: Settings, moved: Moved) -> None:
    if moved.already:
        print(f"{settings.data_dir} has been moved to {moved.target}: nothing is left to do")
        return
    people, messages = moved.rows.get("users", 0), moved.rows.get("vision_messages", 0)
    print(
        f"Moved to {moved.target}: {people:,} people, {messages:,} messages,"
        f" {sum(moved.rows.values()):,} rows in all; counted and compared table by table."
    )
    folder = settings.data_dir / "files"
    if moved.files is None:
        print(f"Files stay in {folder}: keep DATA_DIR, or set SUPABASE_URL before moving.")
    else:
        print(f"{moved.files:,} files are in Supabase Storage, each read back and compared.")
    for path, why in moved.left:
        print(f"Not moved, {why}: {folder / 'kept' / path}")
    if moved.left_count > len(moved.left):
        print(f"... and {moved.left_count - len(moved.left):,} more files were not moved")
    print("Next: start the bot with the same settings; `python -m bot doctor` looks at them.")
    print(
        f"The old data stay in {settings.data_dir / 'postgres'}, and no bot will start on them."
        " Once all is well, delete them."
    )
