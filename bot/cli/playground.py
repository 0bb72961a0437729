"""python -m bot playground: the Telegram, the model and the chat page alone."""

from __future__ import annotations

import argparse
import asyncio

from bot.settings import Settings

HELP = "only the Telegram, the model and the chat page on loopback"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    asyncio.run(_run(settings))
    return 0


async def _run(settings: Settings) -> None:
    from bot.playground.__main__ import serve
    from bot.playground.opening import open_playground

    state = settings.data_dir.absolute() / "playground"
    await serve(await open_playground(state, settings.playground_port))
