"""python -m bot playground: the Telegram, the model and the chat page alone."""

from __future__ import annotations

import argparse
import asyncio

from bot.settings import Settings

HELP = "only the Telegram, the model and the chat page on loopback"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.playground.__main__ import run

    asyncio.run(run(settings.playground_port, "127.0.0.1", settings.data_dir / "playground"))
    return 0
