"""What is in the database of everybody but one person, as one word to compare."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import psycopg
from psycopg import sql

# What processes agree upon changes by itself.
_MOMENTARY = ["locks", "send_budget"]
_TABLES = """
select c.relname::text from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> all (%s)
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
order by 1
"""


def rows_of_others(connection: psycopg.Connection, own: Sequence[str]) -> str:
    """A digest of all rows but those with one of these ids in them."""
    tables = connection.execute(_TABLES.encode(), [_MOMENTARY]).fetchall()
    each = sql.SQL(" union all ").join(
        sql.SQL(
            "(select {} || coalesce(md5(string_agg(md5(t::text), '' order by t::text)), '')"
            " from public.{} t where t::text !~ {})"
        ).format(sql.Literal(name), sql.Identifier(name), sql.Literal("|".join(own)))
        for (name,) in tables
    )
    return hashlib.sha256(repr(sorted(connection.execute(each).fetchall())).encode()).hexdigest()
