"""python -m bot upgrade: embedded data of an older PostgreSQL, brought to the one we run."""

from __future__ import annotations

import argparse
import sys

from bot.settings import Settings

HELP = "bring embedded data of an older PostgreSQL to the version of this bot"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.progress import ProgressBar
    from bot.cli.storage import embedded_only, interruptible, ways_back
    from core import upgrade

    embedded_only(settings, "upgrade")
    bar = ProgressBar()
    progress = interruptible(bar)
    try:
        upgraded = upgrade(settings.data_dir, progress)
    except KeyboardInterrupt:
        bar.clear()
        print("interrupted: the data are as they were", file=sys.stderr)
        return 130
    if upgraded is None:
        print("the data are of this version already")
        return 0
    print(f"PostgreSQL {upgraded.old} -> {upgraded.new}: {upgraded.rows:,} rows, all there.")
    for line in ways_back(settings.data_dir.absolute(), upgraded.kept):
        print(line)
    return 0
