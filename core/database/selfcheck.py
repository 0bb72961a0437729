"""Whether a database fits this version of the bot, whatever transport leads to it."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from core.database import Database
from core.database.failures import HOW_TO_MIGRATE
from core.errors import Misconfigured

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
_FILE = re.compile(r"(\d{14})_\w+\.sql", re.ASCII)

OLDEST_SERVER = 15
CLOCK_WARNING = timedelta(seconds=60)
CLOCK_LIMIT = timedelta(minutes=5)
"""Beyond this nobody's «in ten minutes» would come true: what a person is promised is reckoned with
this machine's clock and kept by the database's. A machine that sets its clock by the network is
never off by so much."""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What a database says of itself. Versions are the 14 digits that migrations begin with.

    `migrations` is None when the database keeps no history of them; `missing` are files of ours
    that it has not applied, `unknown` what it has applied and we don't have. `clock_ahead` is how
    far this machine's clock is before the database's (negative: behind), exact to `round_trip`.
    """

    server_version: int
    migrations: tuple[str, ...] | None
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    read_only: bool
    clock_ahead: timedelta
    round_trip: timedelta

    @property
    def server(self) -> str:
        """The version as people write it, such as 17.6."""
        return f"{self.server_version // 10000}.{self.server_version % 10000}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an operator should change. `about`: `server`, `migrations`, `space` or `clock`."""

    about: str
    fatal: bool
    advice: str


async def database_state(db: Database, folder: Path = MIGRATIONS) -> DatabaseState:
    """Ask the database; one call. `folder` holds the migrations that it should have.

    Raises Misconfigured when it lacks even the function that answers (none of the migrations, or
    too few), Unavailable when it can't be asked.
    """
    started = time.monotonic()
    before = datetime.now(UTC)
    told = _row(await db.call("service_state"))
    passed = timedelta(seconds=time.monotonic() - started)
    try:
        theirs = datetime.fromisoformat(str(told["now"]))
        applied = None if told["migrations"] is None else tuple(map(str, told["migrations"]))
        version, read_only = int(told["server_version"]), bool(told["read_only"])
        ahead = before + passed / 2 - theirs
    except (KeyError, TypeError, ValueError):
        raise _not_ours() from None
    files = _versions(folder)
    return DatabaseState(
        server_version=version,
        migrations=applied,
        missing=tuple(sorted(files.difference(applied or files))),
        unknown=tuple(sorted(set(applied or ()) - files)),
        read_only=read_only,
        clock_ahead=ahead,
        round_trip=passed,
    )


def findings(state: DatabaseState) -> list[Finding]:
    """What is wrong with it, the worst first; empty when all is well."""
    found = [*_server(state), *_migrations(state), *_clock(state)]
    return sorted(found, key=lambda finding: not finding.fatal)


async def check_database(db: Database, folder: Path = MIGRATIONS) -> DatabaseState:
    """Raise Misconfigured if the bot can't work on this database; log what is merely odd."""
    state = await database_state(db, folder)
    for finding in findings(state):
        if finding.fatal:
            raise Misconfigured(finding.advice)
        log.warning("%s", finding.advice)
    return state


def _versions(folder: Path) -> set[str]:
    return {match[1] for path in folder.iterdir() if (match := _FILE.fullmatch(path.name))}


def _server(state: DatabaseState) -> list[Finding]:
    found: list[Finding] = []
    if state.server_version // 10000 < OLDEST_SERVER:
        found.append(
            Finding(
                "server",
                True,
                f"the database is PostgreSQL {state.server}: {OLDEST_SERVER} or newer is needed",
            )
        )
    if state.read_only:
        found.append(
            Finding(
                "space",
                True,
                "the database takes no writes: a Supabase project is read-only while it has more"
                " data than its plan allows (delete some or change the plan); a replica always is",
            )
        )
    return found


def _migrations(state: DatabaseState) -> list[Finding]:
    if state.unknown:
        advice = (
            "the database has migrations that this version of the bot does not know"
            f" ({_listed(state.unknown)}): update the bot, or give it a project of its own"
        )
        return [Finding("migrations", True, advice)]
    if state.missing:
        advice = (
            f"the database lacks migrations of this version of the bot ({_listed(state.missing)}):"
            f" {HOW_TO_MIGRATE}"
        )
        return [Finding("migrations", True, advice)]
    if not state.migrations:
        advice = (
            "the database keeps no history of its migrations, so nobody can tell whether it has all"
            " of them: `supabase migration repair --status applied` writes it down"
        )
        return [Finding("migrations", False, advice)]
    return []


def _clock(state: DatabaseState) -> list[Finding]:
    # The answer was made at some moment between question and hearing: half of that is unknown.
    off = abs(state.clock_ahead) - state.round_trip / 2
    if off < CLOCK_WARNING:
        return []
    way = "ahead of" if state.clock_ahead > timedelta() else "behind"
    advice = (
        f"this machine's clock is {_span(off)} {way} the database's:"
        " let the network set it (timedatectl set-ntp true)"
    )
    return [Finding("clock", off > CLOCK_LIMIT, advice)]


def _span(off: timedelta) -> str:
    seconds = int(off.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def _listed(versions: Sequence[str]) -> str:
    more = f" and {len(versions) - 3} more" if len(versions) > 3 else ""
    return ", ".join(versions[:3]) + more


def _row(told: object) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise _not_ours()
    return cast("dict[str, Any]", told)


def _not_ours() -> Misconfigured:
    return Misconfigured(
        "the database's public.service_state() is not the bot's own: give the bot a database or a"
        " Supabase project of its own"
    )
