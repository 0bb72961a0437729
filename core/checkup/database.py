"""The database: reached, new enough, with this version's migrations, and taking what is written."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from core.checkup import Verdict, failed, fine, skipped, warning
from core.checkup.parts import Parts, host_of
from core.database import Database
from core.database.failures import HOW_TO_MIGRATE, no_such_function
from core.database.moved import Mark, read_mark
from core.database.selfcheck import MIGRATIONS, OLDEST_SERVER, database_state
from core.database.supabase_refusals import NeedsOperator
from core.errors import CoreError, Unavailable

_STATE_MISSING = str(no_such_function("service_state"))
_LOCK_SECONDS = 30


class DatabaseChecks:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def reach(self) -> Verdict:
        parts = self._parts
        if parts.is_embedded and not parts.embedded_exists:
            return skipped("there is none yet: the first start of the bot makes an embedded one")
        try:
            db = await parts.open_database()
            parts.state = await database_state(db)
        except CoreError as error:
            if str(error) != _STATE_MISSING:
                found = str(error).removeprefix("service_state: ")
                return failed(found, self._advice(error))
        if parts.state is None:
            return fine(f"{self._name()} is there")
        if not parts.is_embedded:
            unsure = parts.state.round_trip / 2
            parts.clock.note("the database", parts.state.clock_ahead, unsure)
        seconds = parts.state.round_trip.total_seconds()
        return fine(f"{self._name()} answers in {seconds * 1000:.0f} ms")

    async def version(self) -> Verdict:
        number = await self._parts.server_version()
        if number is None:
            return skipped("because it is told by a function of the migrations")
        found = f"PostgreSQL {number // 10000}.{number % 10000}"
        if number // 10000 < OLDEST_SERVER:
            return failed(
                f"{found} is too old", f"Upgrade the server to PostgreSQL {OLDEST_SERVER} or newer."
            )
        return fine(found)

    async def migrations(self) -> Verdict:
        state = self._parts.state
        ours = sorted(path.name for path in MIGRATIONS.glob("*.sql"))
        if state is None:
            return self._lacking("the migrations of this version are not applied")
        if state.unknown:
            return failed(
                f"it has migrations that this version does not know: {_listed(state.unknown)}",
                "Update the bot, or give this version a database of its own.",
            )
        if not state.migrations:
            return warning(
                "the database keeps no history of its migrations",
                "Let `supabase migration repair --status applied` write it down, so that it can be"
                " told whether one is missing.",
            )
        if state.missing:
            found = f"{len(state.missing)} of {len(ours)} are missing: {_listed(state.missing)}"
            if state.missing[0] < max(state.migrations):
                return failed(
                    f"{found}, and newer ones are applied",
                    "Find out who applied them out of order; `supabase migration list` shows both.",
                )
            return self._lacking(found)
        return fine(f"all {len(ours)} are applied, the last is {ours[-1].removesuffix('.sql')}")

    async def write(self) -> Verdict:
        """Takes a lock that nobody else asks for, sees that it is held, and gives it back."""
        db, state = self._parts.db, self._parts.state
        if db is None or state is None or state.missing:
            return skipped("because migrations are missing")
        if state.read_only:
            return failed(
                "the database takes no writes",
                "A Supabase project over the size of its plan is read-only: delete some data or"
                " change the plan. A replica always is: set the address of the main server.",
            )
        mine, name = secrets.token_hex(8), f"doctor:{secrets.token_hex(8)}"
        try:
            took = await _take(db, name, mine)
            kept = not await _take(db, name, "somebody else")
            await db.call("release_lock", name=name, holder=mine)
            gone = await _take(db, name, "somebody else")
        except CoreError as error:
            return failed(
                f"it does not take a row: {error}",
                "Look at the server's log and at the space on its disk.",
            )
        finally:
            for holder in (mine, "somebody else"):
                with suppress(CoreError):
                    await db.call("release_lock", name=name, holder=holder)
        if took and kept and gone:
            return fine("a row was written, read and deleted")
        return failed(
            "what was written was not there to be read",
            "Is DATABASE_URL the address of a pool over several servers? Set the main one's.",
        )

    def _lacking(self, found: str) -> Verdict:
        if self._parts.over_rest:
            return failed(found, f"Bring them: {HOW_TO_MIGRATE}.")
        return warning(
            found, "The bot applies them when it starts; `python -m bot migrate` does it now."
        )

    def _name(self) -> str:
        parts = self._parts
        if parts.is_embedded:
            return "the embedded PostgreSQL"
        if parts.over_rest:
            return f"Supabase at {host_of(parts.settings.supabase_url)}"
        return f"PostgreSQL at {_address(parts.dsn)}"

    def _advice(self, error: CoreError) -> str:
        parts = self._parts
        if parts.is_embedded:
            return self._advice_for_embedded()
        if isinstance(error, NeedsOperator):
            return "docs/supabase.md tells more of what a project needs."
        if parts.over_rest and isinstance(error, Unavailable):
            return (
                "Is the network up, and is SUPABASE_URL right? Trouble on the way may pass: try"
                " again in a minute."
            )
        if parts.over_rest:
            return "Correct SUPABASE_URL or SUPABASE_SECRET_KEY; docs/supabase.md shows both."
        return (
            "Is the server running, and does DATABASE_URL name its host, port, database, user and"
            " password? Supabase's own address needs IPv6, its pooler's does not."
        )

    def _advice_for_embedded(self) -> str:
        folder = self._parts.settings.data_dir / "postgres"
        mark = _mark(folder)
        if mark and mark.done:
            return f"Set DATABASE_URL to where the data are now: {mark.target}."
        if mark:
            return "Run `python -m bot move` again."
        return f"May this user use {folder}, and is there space? {folder}/server.log tells more."


def _mark(folder: Path) -> Mark | None:
    with suppress(CoreError):
        return read_mark(folder.absolute())
    return None


async def _take(db: Database, name: str, holder: str) -> bool:
    row = await db.call("take_lock", name=name, holder=holder, seconds=_LOCK_SECONDS)
    return bool(row["held"])


def _address(dsn: str) -> str:
    from psycopg.conninfo import conninfo_to_dict

    told = conninfo_to_dict(dsn)
    return f"{told.get('host', 'localhost')}:{told.get('port', 5432)}/{told.get('dbname', '')}"


def _listed(versions: tuple[str, ...]) -> str:
    return ", ".join(versions[:3]) + (" …" if len(versions) > 3 else "")
