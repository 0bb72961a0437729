"""A real Supabase project, hosted or of Supabase's own local stack, as a ground for the contract.

It is emptied again and again, so it has to be a throw-away one: it is refused when it holds
anything that the migrations have not made. It is named by the environment, see docs/supabase.md.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator

import psycopg
import pytest

from core.database.migrate import migrate
from core.database.supabase import SupabaseDatabase
from core.errors import CoreError
from tests.database import CALLS, MIGRATIONS, blocking
from tests.supabase.emptying import Origin

URL, KEY, DSN = (
    "CONTRACT_SUPABASE_URL",
    "CONTRACT_SUPABASE_SECRET_KEY",
    "CONTRACT_SUPABASE_DATABASE_URL",
)
RELOAD_SECONDS = 60.0
_OURS = "select to_regprocedure('public.service_state()') is not null"
_RELATIONS = """
select count(*) from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
"""
_PEOPLE = "select count(*) from public.users"
_EACH_OF_TESTS = """
do $$
declare f regprocedure;
begin
  for f in select oid from pg_proc where pronamespace = 'public'::regnamespace
    and proname in ('echo', 'refuse', 'recover_at', 'doze', 'tell')
  loop
    execute format('{}', f);
  end loop;
end $$;
"""
_OPEN = f"""
{_EACH_OF_TESTS.format("revoke all on function %s from public, anon, authenticated")}
{_EACH_OF_TESTS.format("grant execute on function %s to service_role")}
notify pgrst, 'reload schema';
"""
_CLOSE = f"""
{_EACH_OF_TESTS.format("drop function %s")}
drop sequence if exists public.tries;
"""


class NotThrowAway(Exception):
    """The project holds something that tests must not delete."""


class ProjectGround:
    def __init__(self, url: str, key: str, dsn: str) -> None:
        """`dsn` reaches the project's database with a session of its own (not port 6543)."""
        self._url, self._key, self._dsn = url, key, dsn
        self._origin: Origin | None = None

    async def prepare(self) -> None:
        """Migrate and add the functions of tests. Raises `NotThrowAway` before anything is done."""
        await asyncio.to_thread(guard, self._dsn)
        await migrate(self._dsn, MIGRATIONS)
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(CALLS.read_bytes())
            connection.execute(_OPEN.encode())
        self._origin = Origin.of(self._dsn)
        await self._until_reloaded()

    async def leave(self) -> None:
        """Empty, and without the functions of tests."""
        await self.fresh()
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            connection.execute(_CLOSE.encode())

    async def fresh(self) -> str:
        assert self._origin is not None
        await asyncio.to_thread(self._origin.restore, self._dsn)
        return self._dsn

    async def drop(self, dsn: str) -> None:
        pass

    def transport(self, dsn: str, *, pool_size: int = 4) -> SupabaseDatabase:
        return SupabaseDatabase(self._url, self._key)

    async def _until_reloaded(self) -> None:
        db = SupabaseDatabase(self._url, self._key)
        await db.connect()
        limit = time.monotonic() + RELOAD_SECONDS
        while True:
            try:
                await db.call("echo")
                break
            except CoreError:
                if time.monotonic() > limit:
                    raise
                await asyncio.sleep(1)
        await db.close()


def guard(dsn: str) -> None:
    """Raises `NotThrowAway` unless the project is empty, or migrated and without a person."""
    with psycopg.connect(dsn) as connection:
        if connection.execute(_OURS).fetchone() == (True,):
            if connection.execute(_PEOPLE).fetchone() != (0,):
                raise NotThrowAway("people are in this project: tests would delete them")
        elif connection.execute(_RELATIONS).fetchone() != (0,):
            raise NotThrowAway("this project has tables of its own: give tests an empty one")


@pytest.fixture(scope="session")
def project_ground() -> Iterator[ProjectGround]:
    ground = ProjectGround(os.environ[URL], os.environ[KEY], os.environ[DSN])
    blocking(ground.prepare())
    yield ground
    blocking(ground.leave())
