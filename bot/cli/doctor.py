"""python -m bot doctor: is everything there that the bot is set up with, and does it work?"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from contextlib import aclosing
from typing import Any

from bot.settings import Settings

HELP = "test all connections: database, files, Telegram, models, clock"

_INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="warnings count as failures")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.epilog = "Exit code: 0 all right, 1 something failed, 2 the settings can't be read."


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    if settings.log_level != "DEBUG":
        # What goes wrong is told in the table; log lines would only tear it apart.
        logging.disable(logging.CRITICAL)
    with asyncio.Runner() as runner:
        try:
            code = runner.run(_examine(settings, strict=arguments.strict, as_json=arguments.json))
        except asyncio.CancelledError:
            code = _INTERRUPTED
        if asyncio.all_tasks(runner.get_loop()) or code == _INTERRUPTED:
            # Something may hang in a thread, on a dead disk say: nobody has to wait for it.
            sys.stdout.flush()
            os._exit(code)
        return code


def _ends_on_signals() -> None:
    """Ctrl-C and SIGTERM end the examination by way of `finally`, so that nothing is left behind;
    the second one does not wait for that."""
    loop = asyncio.get_running_loop()
    examination = asyncio.current_task()
    assert examination

    def end() -> None:
        if examination.cancelling():
            os._exit(_INTERRUPTED)
        print("interrupted", file=sys.stderr, flush=True)
        examination.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


async def _examine(settings: Settings, *, strict: bool, as_json: bool) -> int:
    _ends_on_signals()
    from bot.doctor import diagnose, table
    from bot.telegram import build_bot
    from core import Result

    # A terminal or a pipe that knows no such letters shall have the rest.
    out: Any = sys.stdout
    out.reconfigure(errors="replace")
    began = time.monotonic()
    live = sys.stdout.isatty() and not as_json
    colours = live and not os.environ.get("NO_COLOR")
    bot = None
    if not settings.on_playground:
        token = settings.bot_token.get_secret_value()
        bot = build_bot(token, settings.telegram_api_url or None, 2)
    results: list[Result] = []
    try:
        async with aclosing(diagnose(settings, bot)) as coming:
            async for result in coming:
                results.append(result)
                if live:
                    print(table.row(result, colours=colours), flush=True)
    finally:
        if bot:
            await bot.session.close()
    results.sort(key=lambda result: result.place)
    bad = {"failed", "warning"} if strict else {"failed"}
    passed = not any(result.status in bad for result in results)
    seconds = time.monotonic() - began
    if as_json:
        print(table.as_json(results, seconds, passed=passed))
        return 0 if passed else 1
    if not live:
        print("\n".join(map(table.row, results)))
    print(f"\n{table.summary(results, seconds)}", flush=True)
    return 0 if passed else 1
