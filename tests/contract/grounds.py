"""The grounds on which every test of the contract stands."""

from __future__ import annotations

import os
from typing import Protocol

import pytest

from core.database import Database
from core.database.postgres import PostgresDatabase
from tests.database import TestServer
from tests.postgres17 import AsOverRest, postgres17_server
from tests.supabase.ground import supabase_ground
from tests.supabase.project import URL, project_ground

__all__ = [
    "GROUNDS",
    "Ground",
    "PostgresGround",
    "Transport",
    "hosted_ground",
    "postgres17_server",
    "postgres_ground",
    "project_ground",
    "supabase_ground",
]

# Each is a session's fixture that gives a Ground. The last two may have to fetch packages.
GROUNDS = [
    pytest.param("postgres_ground", id="psycopg"),
    pytest.param("hosted_ground", id="psycopg-17", marks=pytest.mark.timeout(600)),
    pytest.param("supabase_ground", id="supabase", marks=pytest.mark.timeout(600)),
]

if os.environ.get(URL):
    GROUNDS.append(pytest.param("project_ground", id="project", marks=pytest.mark.timeout(600)))


class Transport(Database, Protocol):
    async def open(self) -> None: ...

    async def close(self) -> None: ...


class Ground(Protocol):
    """A migrated database and a way to it."""

    async def fresh(self) -> str:
        """The DSN, for a superuser, of a database as the migrations make it."""
        ...

    async def drop(self, dsn: str) -> None: ...

    def transport(self, dsn: str, *, pool_size: int = 4) -> Transport:
        """Not yet opened."""
        ...


class PostgresGround:
    """psycopg, with a database of its own for each test."""

    def __init__(self, server: TestServer) -> None:
        self._server = server

    async def fresh(self) -> str:
        return await self._server.fresh()

    async def drop(self, dsn: str) -> None:
        await self._server.drop(dsn)

    def transport(self, dsn: str, *, pool_size: int = 4) -> PostgresDatabase:
        return PostgresDatabase(dsn, pool_size=pool_size)


@pytest.fixture(scope="session")
def postgres_ground(database_server: TestServer) -> PostgresGround:
    return PostgresGround(database_server)


class HostedGround(PostgresGround):
    """PostgreSQL 17 set up as Supabase does it; calls have the rights of a call over REST."""

    def transport(self, dsn: str, *, pool_size: int = 4) -> PostgresDatabase:
        return AsOverRest(dsn, pool_size)


@pytest.fixture(scope="session")
def hosted_ground(postgres17_server: TestServer) -> HostedGround:
    return HostedGround(postgres17_server)
