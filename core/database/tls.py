"""TLS on the way to a PostgreSQL elsewhere."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping

from psycopg.conninfo import conninfo_to_dict


def with_tls(dsn: str) -> str:
    """`dsn`, with `sslmode=require` for a server elsewhere unless it says what it wants.

    libpq's own default, `prefer`, goes on in plain text where somebody on the way says that the
    server has no TLS. More than `require` can't be asked for unasked: most hosts, Supabase among
    them, sign with an authority of their own, whose certificate the operator has to name.
    Raises psycopg.Error for what is no connection string.
    """
    given = conninfo_to_dict(dsn)
    if "sslmode" in given or "service" in given or _elsewhere_said() or _is_local(given):
        return dsn
    if dsn.lstrip().startswith(("postgresql://", "postgres://")):
        return f"{dsn}{'&' if '?' in dsn else '?'}sslmode=require"
    return f"{dsn} sslmode=require"


def verifies(dsn: str) -> bool:
    """Whether the server has to prove who it is: by certificate, by channel binding, or by being
    on this machine."""
    given = conninfo_to_dict(dsn)
    mode = given.get("sslmode") or os.environ.get("PGSSLMODE", "")
    bound = (given.get("channel_binding") or os.environ.get("PGCHANNELBINDING", "")) == "require"
    return _is_local(given) or mode == "verify-full" or bound


def _elsewhere_said() -> bool:
    return bool(os.environ.get("PGSSLMODE") or os.environ.get("PGSERVICE"))


def _is_local(given: Mapping[str, object]) -> bool:
    named = (
        given.get("hostaddr")
        or os.environ.get("PGHOSTADDR")
        or given.get("host")
        or os.environ.get("PGHOST", "")
    )
    return all(_is_here(host) for host in str(named).split(","))


def _is_here(host: str) -> bool:
    if not host or host[0] in "/@" or host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
