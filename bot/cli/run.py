"""python -m bot [run]: everything in one process."""

from __future__ import annotations

import argparse
import asyncio
import signal

from bot.settings import Settings
from core import embedded_postgres

HELP = "everything in one process, with polling (default)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    # Until the loop takes signals over, SIGTERM ends the start as Ctrl-C does: by way of `finally`.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    embedded = embedded_postgres(settings)
    try:
        if embedded:
            # The database starts while the slow half of the imports goes on.
            embedded.launch()
        import uvloop

        from bot.app import run

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings, embedded))
    finally:
        if embedded:
            asyncio.run(embedded.stop())
    return 0
