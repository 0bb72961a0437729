"""supabase-py over @supabase/lite, as a ground for the tests of the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from core.database.supabase import SupabaseDatabase
from tests.database import CALLS, TestServer, blocking, reachable_folder
from tests.supabase.emptying import Origin
from tests.supabase.lite import Lite


class SupabaseGround:
    """One database for all tests: the server knows only what it saw at its start."""

    def __init__(self, dsn: str, lite: Lite) -> None:
        self.lite = lite
        self._dsn = dsn
        self._origin = Origin.of(dsn)

    async def fresh(self) -> str:
        await asyncio.to_thread(self._renew)
        return self._dsn

    async def drop(self, dsn: str) -> None:
        pass

    def transport(self, dsn: str, *, pool_size: int = 4) -> SupabaseDatabase:
        return SupabaseDatabase(self.lite.url, self.lite.secret_key)

    def _renew(self) -> None:
        self._origin.restore(self._dsn)
        self.lite.ensure()


@pytest.fixture(scope="session")
def supabase_ground(database_server: TestServer) -> Iterator[SupabaseGround]:
    dsn = blocking(database_server.fresh())
    with psycopg.connect(dsn) as connection:
        connection.execute(CALLS.read_bytes())
        # As in every project of Supabase; Storage's tables are closed to it otherwise.
        connection.execute("alter role service_role bypassrls")
    with reachable_folder() as folder:
        lite = Lite(dsn, folder)
        lite.ensure()
        yield SupabaseGround(dsn, lite)
        lite.stop()
