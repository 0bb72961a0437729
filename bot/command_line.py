"""The commands of python -m bot."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from bot.cli import (
    admin,
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
    "admin": admin,
    "playground": playground,
}
_UNTIL_STOPPED = {"run", "webhook", "worker", "playground"}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 2 for wrong settings or arguments, or the command's own.

    Raises KeyboardInterrupt for a command that has to come to its end and did not.
    """
    parsed = _parser().parse_args(arguments)
    name = parsed.command or "run"
    # Whatever is written is for us alone, backups included.
    os.umask(0o077)
    secrets: list[str] = []
    try:
        settings = read_settings()
        secrets = _logs(settings)
        return COMMANDS[name].main(settings, parsed)
    except KeyboardInterrupt:
        if name in _UNTIL_STOPPED:
            return 0
        raise
    except CoreError as error:
        from bot.discretion import Secrets

        print(f"Error: {Secrets(secrets).struck_out(str(error))}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="«Путь по визии»")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.add_arguments(
            commands.add_parser(name, help=command.HELP, description=command.HELP)
        )
    return parser


def _logs(settings: Settings) -> list[str]:
    """The secrets that are struck out of them."""
    from bot.crashes import crashes_to_the_log
    from bot.discretion import secrets_of
    from bot.logs import set_up_logs

    secrets = secrets_of(settings)
    set_up_logs(settings.log_level, settings.log_format, secrets)
    crashes_to_the_log()
    return secrets
