"""python -m bot backup FILE: the embedded database and people's files in one archive."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bot.settings import Settings

HELP = "keep the embedded database and people's files in one archive"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the archive to write; - for a pipe")
    parser.add_argument("--force", action="store_true", help="write over FILE if it is there")


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.progress import ProgressBar
    from bot.cli.storage import embedded_only, interruptible
    from core import back_up, stream_backup

    embedded_only(settings, "backup")
    bar = ProgressBar()
    progress = interruptible(bar)
    try:
        if arguments.file == "-":
            if sys.stdout.isatty():
                print("Error: - is for a pipe, and this is a terminal", file=sys.stderr)
                return 2
            with _standard_output() as out:
                manifest = stream_backup(settings.data_dir, out, progress)
        else:
            target = Path(arguments.file)
            manifest = back_up(settings.data_dir, target, progress, force=arguments.force)
    except KeyboardInterrupt:
        bar.clear()
        print("interrupted: no backup was made", file=sys.stderr)
        return 130
    except BrokenPipeError:
        print("Error: the pipe was closed: no backup was made", file=sys.stderr)
        return 2
    people, messages = manifest.rows("users"), manifest.rows("vision_messages")
    print(
        f"{arguments.file}: {people:,} people, {messages:,} messages, {manifest.files:,} files",
        file=sys.stderr,
    )
    if manifest.lost_count:
        print(
            f"Note: {manifest.lost_count:,} files that the database names are missing or damaged in"
            f" {settings.data_dir / 'files'}; the archive's manifest.json lists them",
            file=sys.stderr,
        )
    return 0


@contextmanager
def _standard_output() -> Generator[BinaryIO]:
    """Not sys.stdout: after a failure nothing is flushed once more into what is full or closed."""
    with os.fdopen(os.dup(1), "wb") as out:
        try:
            yield out
        except BaseException:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, out.fileno())
            os.close(nowhere)
            raise
