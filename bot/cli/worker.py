"""python -m bot worker: a process that answers, but receives nothing."""

from __future__ import annotations

import argparse

from bot.cli.starting import start
from bot.settings import Settings

HELP = "answers, deliveries and what is scheduled, as many processes as you like"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    return start(settings, "worker")
