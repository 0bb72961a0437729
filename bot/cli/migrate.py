"""python -m bot migrate: bring the database up to date."""

from __future__ import annotations

import argparse
import asyncio

from bot.settings import Settings

HELP = "bring the database up to date"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    applied = asyncio.run(_migrate(settings))
    print("\n".join(f"applied {name}" for name in applied) or "the database is up to date")
    return 0


async def _migrate(settings: Settings) -> list[str]:
    from core import Core

    core = Core(settings)
    try:
        return await core.migrate()
    finally:
        await core.close()
