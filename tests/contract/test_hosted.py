"""The schema on the terms of hosted Supabase: its command line, its linter, its API's rules."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from core.database.migrate import migrate
from core.errors import Misconfigured
from tests.database import MIGRATIONS
from tests.postgres17 import OWNER, HostedServer
from tests.supabase.cli import SupabaseCli

pytestmark = pytest.mark.timeout(600)  # packages may have to be fetched first

FILES = sorted(path.name for path in MIGRATIONS.glob("*.sql"))
HISTORY = """
select version, name from supabase_migrations.schema_migrations order by version
"""
# All that the migrations make, down to bodies, columns, constraints, indexes and rights.
MADE = """
select 'function', p.oid::regprocedure::text,
  concat(p.prosrc, p.provolatile, p.prosecdef, p.proconfig, p.proacl)
from pg_proc p where p.pronamespace = 'public'::regnamespace
union all
select 'relation', c.oid::regclass::text, concat(c.relkind, c.relrowsecurity, c.relacl)
from pg_class c where c.relnamespace = 'public'::regnamespace
union all
select 'column', concat(a.attrelid::regclass, '.', a.attname),
  concat(format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
union all
select 'constraint', concat(conrelid::regclass, '.', conname), pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'public'::regnamespace
union all
select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
order by 1, 2
"""
OPENED = """
create table public.open_to_all (id int);
create function public.path_of_the_caller() returns int language sql as 'select 1';
"""


@pytest.fixture
async def project(postgres17_server: HostedServer) -> AsyncIterator[str]:
    """An empty project; the DSN is its owner's, who is no superuser."""
    dsn = await postgres17_server.project()
    yield dsn
    await postgres17_server.drop(dsn)


@pytest.fixture
async def migrated(postgres17_server: HostedServer) -> AsyncIterator[str]:
    """A superuser's DSN."""
    dsn = await postgres17_server.fresh()
    yield dsn
    await postgres17_server.drop(dsn)


@pytest.fixture
def cli(tmp_path: Path) -> SupabaseCli:
    return SupabaseCli(tmp_path, MIGRATIONS)


@pytest.fixture
def first_half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of the bot with fewer migrations."""
    folder = tmp_path_factory.mktemp("migrations")
    (folder / "bootstrap").symlink_to(MIGRATIONS / "bootstrap")
    for name in FILES[: len(FILES) // 2]:
        (folder / name).symlink_to(MIGRATIONS / name)
    return folder


async def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchall() if cursor.description else []


async def test_this_is_what_hosted_supabase_runs(migrated: str) -> None:
    ((version,),) = await rows(
        migrated, "select current_setting('server_version_num')::int / 10000"
    )
    assert version == 17
    owners = "select distinct pg_get_userbyid(proowner) from pg_proc where proname = 'sign_in'"
    assert await rows(migrated, owners) == [(OWNER,)]
    assert await rows(migrated, f"select rolsuper from pg_roles where rolname = '{OWNER}'") == [
        (False,)
    ]


async def test_the_advisors_find_nothing(cli: SupabaseCli, migrated: str) -> None:
    ran = await cli.security_advisors(migrated)
    assert ran.code == 0, ran.output
    assert "No issues found" in ran.output


async def test_the_advisors_do_find_what_is_open(cli: SupabaseCli, migrated: str) -> None:
    await rows(make_conninfo(migrated, user=OWNER), OPENED)
    ran = await cli.security_advisors(migrated)
    assert ran.code != 0
    assert "rls_disabled_in_public" in ran.output
    assert "function_search_path_mutable" in ran.output


def test_the_command_line_finds_the_migrations_in_a_checkout() -> None:
    assert (MIGRATIONS.parent / "supabase" / "migrations").resolve() == MIGRATIONS.resolve()


async def test_what_push_has_applied_migrate_leaves_alone(
    cli: SupabaseCli, project: str, migrated: str
) -> None:
    ran = await cli.push(project)
    assert ran.code == 0, ran.output
    assert await migrate(project, MIGRATIONS) == []
    assert await rows(project, MADE) == await rows(migrated, MADE)
    assert await rows(project, HISTORY) == await rows(migrated, HISTORY)


async def test_what_migrate_has_applied_push_leaves_alone(
    cli: SupabaseCli, project: str, migrated: str
) -> None:
    assert await migrate(project, MIGRATIONS) == FILES
    ran = await cli.push(project)
    assert ran.code == 0, ran.output
    assert "up to date" in ran.output
    assert await rows(project, MADE) == await rows(migrated, MADE)


async def test_what_push_has_begun_migrate_ends(
    tmp_path: Path, first_half: Path, project: str, migrated: str
) -> None:
    ran = await SupabaseCli(tmp_path, first_half).push(project)
    assert ran.code == 0, ran.output
    assert await migrate(project, MIGRATIONS) == FILES[len(FILES) // 2 :]
    assert await rows(project, MADE) == await rows(migrated, MADE)
    with pytest.raises(Misconfigured, match="update the bot"):
        await migrate(project, first_half)


async def test_what_migrate_has_begun_push_ends(
    cli: SupabaseCli, first_half: Path, project: str, migrated: str
) -> None:
    assert await migrate(project, first_half) == FILES[: len(FILES) // 2]
    ran = await cli.push(project)
    assert ran.code == 0, ran.output
    assert await rows(project, MADE) == await rows(migrated, MADE)
    assert await rows(project, HISTORY) == await rows(migrated, HISTORY)


async def test_the_api_is_told_to_look_again(project: str) -> None:
    """PostgREST knows a new function only after this notification."""
    async with await psycopg.AsyncConnection.connect(project, autocommit=True) as connection:
        await connection.execute("listen pgrst")
        await migrate(project, MIGRATIONS)
        heard = [notify.payload async for notify in connection.notifies(timeout=30, stop_after=1)]
    assert set(heard) == {"reload schema"}


FUNCTIONS = """
select p.proname::text, l.lanname::text, p.prokind::text, p.prosecdef, p.proretset,
  p.prorettype::regtype::text, p.provariadic <> 0, coalesce(p.proargmodes is null, true),
  p.proconfig, coalesce(p.proargnames, '{}'),
  array(select t::regtype::text from unnest(p.proargtypes) t)
from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace = 'public'::regnamespace order by 1
"""
# What reaches every transport as it was sent; jsonb is for objects alone.
CARRIED = {"text", "integer", "bigint", "boolean", "double precision", "jsonb", "text[]"}


async def test_every_function_keeps_the_rules_of_the_api(migrated: str) -> None:
    functions = await rows(migrated, FUNCTIONS)
    names = [str(name) for name, *_ in functions]
    assert len(names) == len(set(names)), "PostgREST calls by name: no overloads"
    for (
        name,
        language,
        kind,
        definer,
        many,
        returned,
        variadic,
        only_in,
        config,
        *rest,
    ) in functions:
        assert config == ['search_path=""'], name
        assert language in {"sql", "plpgsql"}, name
        if str(name).startswith("_"):
            assert not definer, f"{name}: private functions run with the rights of their caller"
            continue
        assert (kind, many, variadic) == ("f", False, False), name
        assert returned in {"json", "jsonb"}, name
        assert definer, name
        assert only_in, name
        arguments, types = rest
        assert set(types) <= CARRIED, name
        assert all(re.fullmatch(r"p_[a-z_]+", argument) for argument in arguments), name


async def test_nothing_is_needed_that_a_project_lacks(migrated: str) -> None:
    extensions = await rows(migrated, "select extname from pg_extension")
    assert {name for (name,) in extensions} <= {"plpgsql", "vector"}


@pytest.mark.parametrize("name", FILES)
def test_every_migration_closes_its_door(name: str) -> None:
    text = (MIGRATIONS / name).read_text()
    assert "select public._close_door(" in text
    # What a project's owner may not do, or what ends the transaction of the file.
    assert not re.search(
        r"^(begin|commit);|\b(set role|superuser)\b|\bversion '", text, re.I | re.M
    )
