"""python -m bot [run]: everything in one process."""

from __future__ import annotations

import argparse

from bot.cli.starting import start
from bot.settings import Settings

HELP = "everything in one process, with polling (default)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    return start(settings, "run")
