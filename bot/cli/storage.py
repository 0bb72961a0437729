"""Words that the commands for stored data share."""

from __future__ import annotations

import signal
from pathlib import Path

from bot.settings import Settings
from core import EXCHANGE, Misconfigured, Progress, Step


def embedded_only(settings: Settings, command: str) -> None:
    """Raises Misconfigured where another database is set, and says how that one is kept."""
    if command == "upgrade" and (settings.database_url.get_secret_value() or settings.supabase_url):
        name = "SUPABASE_URL" if settings.supabase_url else "DATABASE_URL"
        raise Misconfigured(
            f"{name} is set: there is no embedded database to upgrade. The version of PostgreSQL"
            " is the matter of who runs that database"
        )
    if settings.database_url.get_secret_value():
        raise Misconfigured(
            f"{command} is for the embedded database, and DATABASE_URL is set. Yours is kept with"
            " `pg_dump --format=custom --schema=public --schema=supabase_migrations --file=bot.dump"
            ' "$DATABASE_URL"`, files with a copy of DATA_DIR/files or of the bucket; see'
            " docs/backup.md"
        )
    if settings.supabase_url:
        raise Misconfigured(
            f"{command} is for the embedded database, and SUPABASE_URL is set. Supabase keeps"
            " backups of its own on paid plans; `pg_dump` works on every plan: see docs/backup.md"
        )


def interruptible(progress: Progress) -> Progress:
    """SIGTERM ends the command as Ctrl-C does, by way of `finally`; neither does in the moment of
    the exchange, so that what is said of an interruption is true."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def watched(step: Step) -> None:
        if step.name == EXCHANGE:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        else:
            progress(step)

    return watched


def ways_back(data_dir: Path, kept: list[tuple[Path, Path]]) -> list[str]:
    """How to go back to what was there before, and how to delete it."""
    if not kept:
        return []
    names = [(folder.name.partition(".")[0], folder.name) for folder, _ in kept]
    back = " && ".join(f"mv {name} {name}.undone && mv {before} {name}" for name, before in names)
    doomed = {str(place) for folder, real in kept for place in (folder, real)}
    return [
        f"What was there before is kept. To go back, stop the bot and: cd {data_dir} && {back}",
        f"To delete it: rm -r {' '.join(sorted(doomed))}",
    ]
