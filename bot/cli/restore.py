"""python -m bot restore FILE: put a backup in the place of the present data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.settings import Settings
from core import Misconfigured

HELP = "put a backup in the place of the present data, which are kept"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="an archive made by `backup`")
    parser.add_argument("--yes", action="store_true", help="don't ask")


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.progress import ProgressBar
    from bot.cli.storage import embedded_only, interruptible, ways_back
    from core import has_data, moved_to, read_manifest, restore

    embedded_only(settings, "restore")
    data_dir: Path = settings.data_dir.absolute()
    bar = ProgressBar()
    progress = interruptible(bar)
    try:
        manifest = read_manifest(arguments.file)
        print(
            f"{arguments.file}: made {manifest.made_at:%Y-%m-%d %H:%M} UTC,"
            f" {manifest.rows('users'):,} people, {manifest.rows('vision_messages'):,} messages,"
            f" {manifest.files:,} files"
        )
        if moved := moved_to(data_dir):
            print(
                f"Warning: the data in {data_dir} were moved to {moved}. No bot starts on them, but"
                " one will on the restored ones: stop the bot there first, or people are answered"
                " in two places.",
                file=sys.stderr,
            )
        if has_data(data_dir) and not arguments.yes and not _agreed(data_dir):
            print("Nothing was changed.")
            return 1
        restored = restore(data_dir, arguments.file, progress)
    except KeyboardInterrupt:
        bar.clear()
        print("interrupted: the data are as they were", file=sys.stderr)
        return 130
    except OSError as error:
        raise Misconfigured(f"{arguments.file} can't be read: {error.strerror}") from error
    if restored.applied:
        # Each is in the log as it was applied.
        print(f"{len(restored.applied)} newer migrations applied")
    print(f"Restored into {data_dir}.")
    for line in ways_back(data_dir, restored.kept):
        print(line)
    return 0


def _agreed(data_dir: Path) -> bool:
    if not sys.stdin.isatty():
        raise Misconfigured(f"{data_dir} holds data: say --yes to put the backup in their place")
    answer = input(f"{data_dir} holds data. Put the backup in their place? They are kept. [y/N] ")
    return answer.strip().lower() in ("y", "yes")
