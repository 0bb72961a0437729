"""A Supabase project's address and key, judged as far as possible before anything is sent."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

from core.errors import Misconfigured

_HOSTED = re.compile(r"([a-z0-9]{15,30})\.supabase\.(co|in|red)")
_DATABASE_HOST = re.compile(r"db\.([a-z0-9]{15,30})\.supabase\.(co|in|red)")
_DASHBOARD = ("supabase.com", "www.supabase.com", "app.supabase.com", "app.supabase.io")
_DASHBOARD_REF = re.compile(r"/project/([a-z0-9]{15,30})(/|$)")
_LETTERS = re.compile(r"[\x21-\x7e]+", re.ASCII)
_SECRET = "sb_secret_"  # noqa: S105 - how such keys begin


@dataclass(frozen=True, slots=True)
class Project:
    """`ref` is the project's name in a hosted URL, None elsewhere."""

    url: str
    key: str = field(repr=False)
    host: str
    ref: str | None

    @classmethod
    def at(cls, url: str, key: str) -> Project:
        """Raises Misconfigured, saying what to do. The message never holds the key."""
        host = _checked_host(url)
        hosted = _HOSTED.fullmatch(host)
        project = cls(url.rstrip("/"), key, host, hosted[1] if hosted else None)
        project._check_key()
        return project

    @property
    def key_is_token(self) -> bool:
        """A key of the old kind, which is a JWT and goes where tokens go."""
        return not self.key.startswith("sb_")

    @property
    def keys_page(self) -> str:
        """Where the operator finds the keys."""
        if self.ref:
            return f"https://supabase.com/dashboard/project/{self.ref}/settings/api-keys"
        return "Project Settings → API Keys"

    def _check_key(self) -> None:
        key = self.key
        if not key:
            raise Misconfigured(
                f"SUPABASE_SECRET_KEY is empty: copy a secret key from {self.keys_page}"
            )
        if not _LETTERS.fullmatch(key):
            raise Misconfigured(
                "SUPABASE_SECRET_KEY has letters that no key has: spaces, line breaks or the dots"
                f" of a hidden key; reveal it on {self.keys_page} and copy it whole"
            )
        if key.startswith("sb_publishable_"):
            raise self._wrong_kind("a publishable key, which may not do the bot's work")
        if key.startswith("sbp_"):
            raise self._wrong_kind("an access token of a Supabase account")
        if "://" in key:
            raise self._wrong_kind("an address (a connection string belongs into DATABASE_URL)")
        if key.startswith(_SECRET) and len(key) > len(_SECRET):
            return
        claims = _claims(key)
        if claims is None:
            raise self._wrong_kind("not a whole key of Supabase")
        self._check_claims(claims)

    def _check_claims(self, claims: dict[str, Any]) -> None:
        """Of an old key. Unverified: the server has the last word."""
        role, ref, expires = claims.get("role"), claims.get("ref"), claims.get("exp")
        if role == "anon":
            raise self._wrong_kind("the old anon key, which may not do the bot's work")
        if role != "service_role":
            raise self._wrong_kind("a token that is not the service_role key")
        if self.ref and isinstance(ref, str) and ref != self.ref:
            raise Misconfigured(
                f"SUPABASE_SECRET_KEY is of another project than SUPABASE_URL ({self.ref}):"
                f" copy both from one project, {self.keys_page}"
            )
        if isinstance(expires, int | float) and 0 < expires < time.time():
            when = "long ago"
            with suppress(OverflowError, OSError, ValueError):
                when = f"on {datetime.fromtimestamp(expires, UTC):%Y-%m-%d}"
            raise Misconfigured(
                f"SUPABASE_SECRET_KEY ran out {when}, by this machine's clock:"
                f" copy a secret key (sb_secret_…) from {self.keys_page}"
            )

    def _wrong_kind(self, what: str) -> Misconfigured:
        return Misconfigured(
            f"SUPABASE_SECRET_KEY is {what}: copy a secret key (sb_secret_…) from {self.keys_page}"
        )


def _checked_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port  # reading it checks it
    except ValueError:
        raise _not_a_url() from None
    if parts.scheme not in ("http", "https") or not host:
        raise _not_a_url()
    if parts.username or parts.password:
        raise Misconfigured(
            "SUPABASE_URL has a name or a password in it: only the host belongs there"
        )
    if host in _DASHBOARD:
        found = _DASHBOARD_REF.search(parts.path)
        right = f"https://{found[1]}.supabase.co" if found else "https://<project>.supabase.co"
        raise Misconfigured(f"SUPABASE_URL is a page of the dashboard: set it to {right}")
    database = _DATABASE_HOST.fullmatch(host)
    if database or host.endswith(".pooler.supabase.com"):
        right = (
            f"https://{database[1]}.supabase.co" if database else "https://<project>.supabase.co"
        )
        raise Misconfigured(
            f"SUPABASE_URL is the address of the database: set it to {right}"
            " (the database's own belongs into DATABASE_URL)"
        )
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        port = f":{parts.port}" if parts.port else ""
        raise Misconfigured(
            f"SUPABASE_URL goes on after the host: set it to {parts.scheme}://{host}{port}"
        )
    if parts.scheme == "http" and not _stays_inside(host):
        raise Misconfigured(
            f"SUPABASE_URL would send the secret key in the clear: set it to https://{host}"
        )
    return host


def _stays_inside(host: str) -> bool:
    """This machine, or a name that exists only in a private network (a container's, say)."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or "." not in host


def _not_a_url() -> Misconfigured:
    return Misconfigured("SUPABASE_URL has to look like https://<project>.supabase.co")


def _claims(token: str) -> dict[str, Any] | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    with suppress(ValueError, RecursionError):
        data: object = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        if isinstance(data, dict):
            return cast("dict[str, Any]", data)
    return None
