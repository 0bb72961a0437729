"""Connection strings that libpq would read otherwise than they are meant."""

from __future__ import annotations

import re

from psycopg.conninfo import conninfo_to_dict

_SCHEMES = ("postgresql://", "postgres://")
_HOST_QUOTED = re.compile(r'(host(?: name)? ["\'])[^"\']*@')
ENCODE = "percent-encode the characters @ : / # of the password"


def refuse_torn(dsn: str) -> None:
    """Raises ValueError where a password's own @ or / tears it, so that its rest would be taken
    for a host, a port or a database, and be shown in errors; psycopg.Error for what is no
    connection string. Neither repeats anything of it."""
    text = dsn.strip()
    if text.startswith(_SCHEMES) and _torn(text.split("://", 1)[1]):
        raise ValueError(ENCODE)
    told = conninfo_to_dict(dsn)
    if any("@" in host[1:] for host in str(told.get("host") or "").split(",")):
        raise ValueError(f"{ENCODE} (there is an @ in the host)")
    for port in filter(None, str(told.get("port") or "").split(",")):
        if not (port.isascii() and port.isdigit()):
            raise ValueError(f"{ENCODE} (the port is no number)")
        if not 0 < int(port) <= 65535:
            raise ValueError("there is no such port: they go from 1 to 65535")


def without_userinfo(message: str) -> str:
    """An error of libpq, which quotes the host, without what may be the end of a password."""
    return _HOST_QUOTED.sub(r"\1", message)


def _torn(rest: str) -> bool:
    """libpq ends the user's part at the first @ before a slash; values after the question mark
    may have any."""
    before, at, after = rest.partition("@")
    if not at:
        return False
    if "/" in before:
        return "?" not in before[before.index("/") :]
    return "@" in after.partition("?")[0]
