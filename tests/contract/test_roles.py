"""The API's roles, on the worst default privileges an old Supabase project may have."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.database.migrate import migrate
from tests.database import MIGRATIONS, TestServer

GENEROUS = """
alter default privileges in schema public
  grant execute on functions to public, anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public
  grant all on sequences to anon, authenticated, service_role;
"""
# What a later migration may make and forget to close.
FORGOTTEN = """
create table public.forgotten (id bigserial primary key, word text);
create view public.forgotten_view as select * from public.users;
create materialized view public.forgotten_copy as select * from public.users;
create function public.forgotten_work(p_id text default null) returns jsonb
  language sql security definer as $$ select '{}'::jsonb $$;
create procedure public.forgotten_chore() language sql as $$ select 1 $$;
"""
# Everything of ours in `public`; what an extension brought belongs to the extension.
FUNCTIONS = """
select p.oid, p.oid::regprocedure::text as signature, p.proname, p.pronargs, p.prokind
from pg_proc p
where p.pronamespace = 'public'::regnamespace
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by p.proname
"""
TABLES = """
select c.oid, c.relname, c.relkind
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by c.relname
"""
TABLE_RIGHTS = f"""
select distinct c.relname::text
from ({TABLES}) c, unnest(array[
  'select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) asked
where has_table_privilege('{{role}}', c.oid, asked)
  or (asked in ('select', 'insert', 'update', 'references')
      and has_any_column_privilege('{{role}}', c.oid, asked))
order by 1
"""
SEQUENCES = """
select c.oid, c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
"""
EXECUTE_RIGHTS = f"""
select f.proname::text from ({FUNCTIONS}) f
where has_function_privilege('{{role}}', f.oid, 'execute')
"""
# Supabase's own advisors 0028 and 0029, which its command line leaves out; in every schema.
DEFINERS = """
select p.oid::regprocedure::text
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')
  and (has_function_privilege('anon', p.oid, 'execute')
       or has_function_privilege('authenticated', p.oid, 'execute'))
"""
STRANGERS = ("anon", "authenticated")
ROLES = (*STRANGERS, "service_role")


@pytest.fixture(params=["18", "17"])
async def database(
    request: pytest.FixtureRequest, database_server: TestServer
) -> AsyncIterator[psycopg.AsyncConnection]:
    """Migrated by a superuser on 18, by the owner of a hosted project on 17."""
    if request.param == "17":
        server: TestServer = request.getfixturevalue("postgres17_server")
        dsn = await server.fresh()
    else:
        server, dsn = database_server, await generous(database_server)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        yield connection
    await server.drop(dsn)


async def generous(server: TestServer) -> str:
    """A copy of a database migrated once for all tests."""
    if not _migrated:
        dsn = await server.fresh(migrated=False)
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            bootstrap = MIGRATIONS / "bootstrap" / "plain_postgres.sql"
            await connection.execute(bootstrap.read_bytes())
            await connection.execute(GENEROUS.encode())
        await migrate(dsn, MIGRATIONS)
        _migrated.append(str(conninfo_to_dict(dsn)["dbname"]))
    fresh = await server.fresh(migrated=False)
    name = conninfo_to_dict(fresh)["dbname"]
    await server.drop(fresh)
    admin = make_conninfo(fresh, dbname="postgres")
    async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as connection:
        await connection.execute(f"create database {name} template {_migrated[0]}".encode())
    return fresh


_migrated: list[str] = []


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


async def calls(connection: psycopg.AsyncConnection) -> dict[str, str]:
    """A call of every function and procedure, by its signature."""
    table: dict[str, str] = {}
    for _, signature, name, arguments, kind in await found(connection, FUNCTIONS):
        verb = "call" if kind == "p" else "select"
        nulls = ", ".join(["null"] * int(str(arguments)))
        table[str(signature)] = f"{verb} public.{name}({nulls})"
    assert len(table) > 40
    return table


async def accesses(connection: psycopg.AsyncConnection) -> list[str]:
    """All that can be done to every table, view and sequence."""
    statements: list[str] = []
    for _, name, kind in await found(connection, TABLES):
        statements.append(f"select 1 from public.{name}")
        if kind in {"r", "p"}:
            statements += [
                f"insert into public.{name} default values",
                f"delete from public.{name}",
                f"truncate public.{name} cascade",
                f"update public.{name} set {await first_column(connection, str(name))} = default",
            ]
    for _, name in await found(connection, SEQUENCES):
        statements += [
            f"select nextval('public.{name}')",
            f"select setval('public.{name}', 1)",
            f"select last_value from public.{name}",
        ]
    assert len(statements) > 50
    return statements


async def first_column(connection: psycopg.AsyncConnection, table: str) -> str:
    query = "select attname from pg_attribute where attnum = 1 and attrelid = 'public.{}'::regclass"
    return str((await found(connection, query.format(table)))[0][0])


@pytest.mark.parametrize("role", STRANGERS)
async def test_strangers_execute_nothing(database: psycopg.AsyncConnection, role: str) -> None:
    for signature, call in (await calls(database)).items():
        assert await refused(database, role, call), signature
    assert await found(database, EXECUTE_RIGHTS.format(role=role)) == []


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_reads_or_writes_past_the_functions(
    database: psycopg.AsyncConnection, role: str
) -> None:
    for statement in await accesses(database):
        assert await refused(database, role, statement), statement
    assert await found(database, TABLE_RIGHTS.format(role=role)) == []


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_makes_or_changes_anything(
    database: psycopg.AsyncConnection, role: str
) -> None:
    for statement in (
        "create table public.mine (id int)",
        "create function public.sign_in() returns int language sql as 'select 1'",
        "create schema mine",
        "alter table public.users disable row level security",
        "drop table public.users",
        "drop function public.set_voice(text, text)",
        "alter function public.set_voice(text, text) reset search_path",
        "grant select on public.users to anon",
        "select * from supabase_migrations.schema_migrations",
        "insert into supabase_migrations.schema_migrations (version) values ('20990101000000')",
    ):
        assert await refused(database, role, statement), statement


async def test_the_service_runs_public_functions_and_no_private_ones(
    database: psycopg.AsyncConnection,
) -> None:
    rights = await found(database, EXECUTE_RIGHTS.format(role="service_role"))
    names = {str(name) for _, _, name, _, _ in await found(database, FUNCTIONS)}
    assert {name for (name,) in rights} == {name for name in names if not name.startswith("_")}


async def test_no_definers_work_is_open_to_strangers(database: psycopg.AsyncConnection) -> None:
    assert await found(database, DEFINERS) == []


async def test_every_table_has_row_security_and_every_view_its_readers_rights(
    database: psycopg.AsyncConnection,
) -> None:
    unsafe = f"""
        select t.relname from ({TABLES}) t join pg_class c using (oid)
        where (c.relkind in ('r', 'p') and not c.relrowsecurity)
           or (c.relkind = 'v' and not coalesce(c.reloptions, '{{}}') && array[
                 'security_invoker=true', 'security_invoker=on'])
    """
    assert await found(database, unsafe) == []
    assert await found(database, "select * from pg_policies where schemaname = 'public'") == []
    await database.execute(FORGOTTEN.encode())
    assert {name for (name,) in await found(database, unsafe)} == {"forgotten", "forgotten_view"}


@pytest.mark.parametrize("role", STRANGERS)
async def test_what_a_migration_forgets_to_close_is_found(
    database: psycopg.AsyncConnection, role: str
) -> None:
    """The questions that the tests above ask do find an open door."""
    await database.execute(GENEROUS.encode())
    await database.execute(FORGOTTEN.encode())
    tables = await found(database, TABLE_RIGHTS.format(role=role))
    assert [name for (name,) in tables] == ["forgotten", "forgotten_copy", "forgotten_view"]
    functions = await found(database, EXECUTE_RIGHTS.format(role=role))
    assert [name for (name,) in functions] == ["forgotten_chore", "forgotten_work"]
    assert await found(database, DEFINERS) == [("forgotten_work(text)",)]
    open_calls = [
        signature
        for signature, call in (await calls(database)).items()
        if not await refused(database, role, call)
    ]
    assert open_calls == ["forgotten_chore()", "forgotten_work(text)"]
    open_accesses = [
        statement
        for statement in await accesses(database)
        if not await refused(database, role, statement)
    ]
    assert {statement.partition("public.")[2][:9] for statement in open_accesses} == {"forgotten"}
    assert len(open_accesses) > 8
