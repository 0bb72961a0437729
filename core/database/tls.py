"""TLS on the way to a PostgreSQL elsewhere."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

_ROOTS = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


def with_tls(dsn: str) -> str:
    """`dsn`, with `sslmode=require` for a server elsewhere unless it says what it wants.

    libpq's own default, `prefer`, goes on in plain text where somebody on the way says that the
    server has no TLS. More than `require` can't be asked for unasked: most hosts, Supabase among
    them, sign with an authority of their own, whose certificate the operator has to name.
    `sslrootcert=system` becomes the file of this system's authorities, which psycopg's wheel does
    not find by itself. Raises psycopg.Error for what is no connection string.
    """
    given = conninfo_to_dict(dsn)
    if given.get("sslrootcert") == "system":
        return _and(dsn, f"sslrootcert={_roots_of_the_system()}", "sslmode=verify-full")
    if "sslmode" in given or "service" in given or _elsewhere_said() or _is_local(given):
        return dsn
    return _and(dsn, "sslmode=require")


def weakness(dsn: str) -> str | None:
    """What somebody on the way to the server could do; None where nobody could do anything.

    The server proves itself by a certificate, by channel binding, or by being on this machine.
    """
    given = conninfo_to_dict(dsn)
    mode = given.get("sslmode") or os.environ.get("PGSSLMODE", "prefer")
    bound = (given.get("channel_binding") or os.environ.get("PGCHANNELBINDING")) == "require"
    if _is_local(given) or mode == "verify-full" or bound:
        return None
    if mode in ("disable", "allow", "prefer"):
        return "the way to the database may be in plain text (sslmode)"
    return "the database need not prove who it is: sslmode=verify-full and sslrootcert do that"


def _and(dsn: str, *words: str) -> str:
    """Of a name given twice, libpq takes the latter."""
    if not dsn.lstrip().startswith(("postgresql://", "postgres://")):
        return " ".join((dsn, *words))
    return f"{dsn}{'&' if '?' in dsn else '?'}{'&'.join(words)}"


def _roots_of_the_system() -> str:
    for file in (ssl.get_default_verify_paths().cafile, *_ROOTS):
        if file and Path(file).is_file():
            return file
    import certifi

    return certifi.where()


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
