"""The whole checkup of core, in the order in which one thing needs another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from importlib import import_module

from core.checkup import Check, Result, Verdict, fine, skipped
from core.checkup.clock import Clock
from core.checkup.parts import Parts, host_of
from core.checkup.roles import Role
from core.errors import CoreError
from core.settings import CoreSettings


async def check_everything(
    settings: CoreSettings,
    others: Sequence[Check] = (),
    clock: Clock | None = None,
    counted: Callable[[int], None] | None = None,
) -> AsyncGenerator[Result, None]:
    """Check everything that `settings` name, and `others` of the front end beside it.

    Results come as they end, within a minute; close the generator to break off. `counted` is told
    how many there will be, before the first. Beside a running
    bot it is one more guest: it opens connections of its own, applies no migrations, releases no
    leases, and an embedded server that was running goes on. One that does not run is started for
    the time being; a bot that starts meanwhile waits for the leases of a killed one to run out. The
    few tokens it takes are counted as purpose `doctor`, where the database works.

    Errors of servers are quoted: strike secrets out before anybody sees the results.
    """
    from core.checkup.examination import examine
    from core.checkup.roles import roles

    parts = Parts(settings, clock or Clock())
    checks = [*others, *database_checks(parts), *storage_checks(parts)]
    if settings.prices_file or settings.budget_usd_per_day:
        checks.append(Check("prices", partial(_prices, parts)))
    models = model_checks(parts)
    checks += models
    checks.append(
        Check(
            "tokens counted",
            partial(_count, parts),
            needs=("database writes",),
            after=tuple(check.name for check in models),
        )
    )
    checks.append(Check("clock", parts.clock.check, after=tuple(check.name for check in checks)))
    if counted:
        counted(len(checks))
    try:
        if any(role.is_set for role in roles(settings)):
            await asyncio.to_thread(_load)
        async with aclosing(examine(checks)) as results:
            async for result in results:
                yield result
    finally:
        await parts.close()


def database_checks(parts: Parts) -> list[Check]:
    from core.checkup.database import DatabaseChecks

    checks = DatabaseChecks(parts)
    wait = "Is it busy, or recovering from a crash? Look at its log, and try again in a minute."
    return [
        Check("database", checks.reach, if_silent=wait),
        Check("database version", checks.version, needs=("database",)),
        Check("migrations", checks.migrations, needs=("database", "database version")),
        Check("database writes", checks.write, needs=("migrations",), if_silent=wait),
    ]


def storage_checks(parts: Parts) -> list[Check]:
    from core.checkup.storage import check_disk, check_files, refused

    settings = parts.settings
    folder = settings.data_dir.absolute()
    place = str(folder / "files")
    advice = f"May the bot's user write in {place}, and is there space?"
    if settings.supabase_url:
        place = f"Supabase Storage at {host_of(settings.supabase_url)}"
        advice = (
            "Look at Storage on the project's dashboard; docs/supabase.md tells what is needed."
        )

    async def files() -> Verdict:
        try:
            store = await parts.open_files()
        except CoreError as error:
            return refused(error, place, advice)
        return await check_files(store, place, advice)

    return [
        Check("file store", files, if_silent=advice),
        Check("disk space", partial(check_disk, folder), if_silent="Does this disk still work?"),
    ]


def model_checks(parts: Parts) -> list[Check]:
    from core.checkup.roles import roles

    checks: list[Check] = []
    for role in roles(parts.settings):
        if not role.is_set:
            checks.append(Check(role.name, partial(_without_a_server, role)))
            continue
        checks += _of_role(parts, role)
    return checks


def _of_role(parts: Parts, role: Role) -> list[Check]:
    from core.checkup.models import check_answer, check_known
    from core.checkup.speech import check_hearing, check_voice

    wait = f"Check the network and {role.prefix}_BASE_URL; a local server may be loading the model."
    ask, after = check_answer, ()
    name = f"{role.name} answers"
    if role.name == "hearing":
        ask, name, after = check_hearing, "hearing works", ("voice speaks",)
    elif role.name == "voice":
        ask, name = check_voice, "voice speaks"
    return [
        Check(role.name, partial(check_known, parts, role), if_silent=wait),
        Check(name, partial(ask, parts, role), needs=(role.name,), after=after, if_silent=wait),
    ]


async def _prices(parts: Parts) -> Verdict:
    from core.checkup.prices import check_prices

    return await check_prices(parts.settings)


async def _without_a_server(role: Role) -> Verdict:
    return skipped(f"because neither {role.key_setting} nor {role.prefix}_BASE_URL is set")


def _load() -> None:
    """The slow libraries, so that no server is blamed for the time they take."""
    for name in ("openai.resources.models", "soundfile"):
        import_module(name)


async def _count(parts: Parts) -> Verdict:
    if parts.db is None:
        return fine("nothing to count")
    return await parts.ledger.write(parts.db)
