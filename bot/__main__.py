"""The command line: python -m bot [run | migrate | playground]."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from bot.settings import Settings, read_settings
from core import CoreError, embedded_postgres


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description="«Путь по визии»")
    parser.add_argument(
        "command",
        nargs="?",
        default="run",
        choices=["run", "migrate", "playground"],
        help="run: everything in one process (default); migrate: bring the database up to date; "
        "playground: only the Telegram, the model and the chat page on loopback",
    )
    command = parser.parse_args(arguments).command
    try:
        settings = read_settings()
        with contextlib.suppress(KeyboardInterrupt):
            match command:
                case "migrate":
                    asyncio.run(_migrate(settings))
                case "playground":
                    _playground(settings)
                case _:
                    _run(settings)
    except CoreError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def _run(settings: Settings) -> None:
    _logs(settings)
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


async def _migrate(settings: Settings) -> None:
    from core import Core

    _logs(settings)
    core = Core(settings)
    try:
        applied = await core.migrate()
    finally:
        await core.close()
    print("\n".join(f"applied {name}" for name in applied) or "the database is up to date")


def _playground(settings: Settings) -> None:
    from bot.playground.__main__ import run

    _logs(settings)
    asyncio.run(run(settings.playground_port, "127.0.0.1", settings.data_dir / "playground"))


def _logs(settings: Settings) -> None:
    from bot.logs import set_up_logs

    fields = (
        settings.bot_token,
        settings.openai_api_key,
        settings.supabase_secret_key,
        settings.database_url,
    )
    secrets = [field.get_secret_value() for field in fields]
    password = urlsplit(settings.database_url.get_secret_value()).password or ""
    set_up_logs(settings.log_level, settings.log_format, [*secrets, password, unquote(password)])


if __name__ == "__main__":
    sys.exit(main())
