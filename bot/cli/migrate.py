"""python -m bot migrate: bring the database up to date."""

from __future__ import annotations

import argparse
import asyncio

from bot.settings import Settings

HELP = "bring the database up to date"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    # Each is in the log as it is applied.
    applied = asyncio.run(_migrate(settings))
    print(f"{len(applied)} migrations applied" if applied else "the database is up to date")
    return 0


async def _migrate(settings: Settings) -> list[str]:
    from core import Core

    core = Core(settings)
    try:
        return await core.migrate()
    finally:
        await core.close()
