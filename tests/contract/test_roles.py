"""The API's roles, on the worst default privileges an old Supabase project may have."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from core.database.migrate import migrate
from tests.database import MIGRATIONS, TestServer

GENEROUS = """
alter default privileges in schema public
  grant execute on functions to public, anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on sequences to anon, authenticated, service_role;
"""
# Everything of ours in `public`; what an extension brought belongs to the extension.
FUNCTIONS = """
select p.oid, p.oid::regprocedure::text as signature, p.proname, p.pronargs
from pg_proc p
where p.pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""
TABLES = """
select c.oid, c.relname
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""
TABLE_RIGHTS = f"""
select c.relname, asked
from ({TABLES}) c, unnest(array[
  'select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) asked
where has_table_privilege('{{role}}', c.oid, asked)
"""
SEQUENCE_RIGHTS = """
select sequencename from pg_sequences
where schemaname = 'public' and has_sequence_privilege(
  '{role}', format('%I.%I', schemaname, sequencename), 'usage, select, update')
"""
CLOSED_TO = ("anon", "authenticated")


@pytest.fixture
async def database(database_server: TestServer) -> AsyncIterator[psycopg.AsyncConnection]:
    dsn = await database_server.fresh(migrated=False)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute((MIGRATIONS / "bootstrap" / "plain_postgres.sql").read_bytes())
        await connection.execute(GENEROUS.encode())
        await migrate(dsn, MIGRATIONS)
        yield connection
    await database_server.drop(dsn)


async def found(connection: psycopg.AsyncConnection, query: str) -> list[tuple[object, ...]]:
    return await (await connection.execute(query.encode())).fetchall()


async def refused(connection: psycopg.AsyncConnection, role: str, statement: str) -> bool:
    """True if `role` is stopped by its rights, before the statement does anything."""
    await connection.execute(f"set role {role}".encode())
    try:
        await connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.Error:
        return False
    finally:
        await connection.execute(b"reset role")
    return False


@pytest.mark.parametrize("role", CLOSED_TO)
async def test_execute_nothing(database: psycopg.AsyncConnection, role: str) -> None:
    functions = await found(database, FUNCTIONS)
    assert functions
    for _, signature, name, arguments in functions:
        nulls = ", ".join(["null"] * int(str(arguments)))
        assert await refused(database, role, f"select public.{name}({nulls})"), signature


@pytest.mark.parametrize("role", CLOSED_TO)
async def test_read_and_write_nothing(database: psycopg.AsyncConnection, role: str) -> None:
    tables = await found(database, TABLES)
    assert tables
    for _, name in tables:
        assert await refused(database, role, f"select * from public.{name}"), name
    assert await found(database, TABLE_RIGHTS.format(role=role)) == []


@pytest.mark.parametrize("role", CLOSED_TO)
async def test_use_no_sequence(database: psycopg.AsyncConnection, role: str) -> None:
    assert await found(database, SEQUENCE_RIGHTS.format(role=role)) == []


async def test_the_service_runs_public_functions_and_no_private_ones(
    database: psycopg.AsyncConnection,
) -> None:
    query = f"""
        select proname, has_function_privilege('service_role', oid, 'execute') from ({FUNCTIONS}) f
    """
    rights = await found(database, query)
    assert [name for name, may in rights if may is str(name).startswith("_")] == []


async def test_every_table_has_row_security_and_every_function_a_search_path(
    database: psycopg.AsyncConnection,
) -> None:
    assert (
        await found(
            database,
            f"select t.relname from ({TABLES}) t join pg_class c using (oid)"
            " where c.relkind in ('r', 'p') and not c.relrowsecurity",
        )
        == []
    )
    assert (
        await found(
            database,
            f"select f.signature from ({FUNCTIONS}) f join pg_proc p using (oid)"
            " where not coalesce(p.proconfig, '{}') @> array['search_path=\"\"']",
        )
        == []
    )
