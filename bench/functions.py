"""Every SQL function on a big database: none may take longer than a second.

Hosted PostgREST gives a call 8 s, a person waits for one or two; a second is what we allow.
"""

from __future__ import annotations

import asyncio
from statistics import median

import psycopg
from psycopg.conninfo import make_conninfo

from bench.around import AN_ADMIN, surround
from bench.big import LONG_USER, QUEUED, big
from bench.scenes import SCENES, broadcasting, own_data
from bench.world import World
from core.database.embedded import EmbeddedPostgres
from core.database.migrate import migrate
from core.database.postgres import PostgresDatabase
from tests.database import MIGRATIONS, reachable_folder

LIMIT_SECONDS = 1.0
ROUNDS = 20
QUIET_ROUNDS = 5


async def alone(world: World, dsn: str) -> None:
    """A start after a process was killed that had as much in flight as the settings allow."""
    turns = "select vision_id from public.turn_queue limit 10000"
    waiting = "select id from public.deliveries where delivered_at is null limit 10000"
    await execute(
        dsn, f"update public.turn_queue set lease = vision_id::text where vision_id in ({turns})"
    )
    await execute(dsn, f"update public.deliveries set lease = id::text where id in ({waiting})")
    await execute(dsn, "update public.kept_updates set holder = 'me'")
    await world.call("release_leases")


async def measure(dsn: str, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of each call, by function; raises if a function of ours was left out."""
    database = PostgresDatabase(dsn, pool_size=1)
    await database.open()
    world = World(database)
    try:
        for number in range(rounds):
            for scene in SCENES:
                await scene(world, number)
        await execute(dsn, broadcasting.QUIET)
        for number in range(QUIET_ROUNDS):
            await broadcasting.broadcasts(world, number)
        for user in (AN_ADMIN, LONG_USER):
            await own_data.goes(world, user)
        await alone(world, dsn)
    finally:
        await database.close()
    if missed := await functions(dsn) - set(world.times):
        raise AssertionError(f"not called: {', '.join(sorted(missed))}")
    return world.times


async def functions(dsn: str) -> set[str]:
    """What a process may call."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        rows = await connection.execute(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
            " and prosecdef and proname !~ '^_'"
        )
        return {name for (name,) in await rows.fetchall()}


async def execute(dsn: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def main() -> None:
    with reachable_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres")
        admin = await postgres.start()
        try:
            await execute(admin, "create database big")
            dsn = make_conninfo(admin, dbname="big")
            await migrate(dsn, MIGRATIONS)
            await big(dsn)
            await surround(dsn)
            show(await measure(dsn))
        finally:
            await postgres.stop()


def show(times: dict[str, list[float]]) -> None:
    print(f"1,000,000 messages, 100,000 people, {QUEUED:,} turns queued, milliseconds of a call:\n")
    print(f"{'function':22} {'calls':>6} {'median':>8} {'worst':>8}")
    for name, took in sorted(times.items(), key=lambda item: -max(item[1])):
        slow = "  over a second" if max(took) > LIMIT_SECONDS else ""
        worst = max(took) * 1000
        print(f"{name:22} {len(took):>6} {median(took) * 1000:>8.2f} {worst:>8.2f}{slow}")


if __name__ == "__main__":
    asyncio.run(main())
