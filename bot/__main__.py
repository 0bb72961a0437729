"""The command line: python -m bot [COMMAND]."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence

from bot.cli import (
    backup,
    doctor,
    migrate,
    move,
    playground,
    restore,
    run,
    upgrade,
    webhook,
    worker,
)
from bot.settings import Settings, read_settings
from core import CoreError

COMMANDS = {
    "run": run,
    "webhook": webhook,
    "worker": worker,
    "migrate": migrate,
    "backup": backup,
    "restore": restore,
    "upgrade": upgrade,
    "move": move,
    "doctor": doctor,
    "playground": playground,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 2 for wrong settings or arguments, or the command's own."""
    parsed = _parser().parse_args(arguments)
    command = COMMANDS[parsed.command or "run"]
    try:
        settings = read_settings()
        _logs(settings)
        with contextlib.suppress(KeyboardInterrupt):
            return command.main(settings, parsed)
    except CoreError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="«Путь по визии»")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.add_arguments(
            commands.add_parser(name, help=command.HELP, description=command.HELP)
        )
    return parser


def _logs(settings: Settings) -> None:
    from bot.discretion import secrets_of
    from bot.logs import set_up_logs

    set_up_logs(settings.log_level, settings.log_format, secrets_of(settings))


if __name__ == "__main__":
    sys.exit(main())
