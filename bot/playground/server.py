"""The playground as one web application, on loopback and nowhere else."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
BODY_LIMIT = 64 << 20
FORM_LIMIT = 512 << 20
"""Of a form with files, each of which has a limit of its own."""
_BY_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def require_loopback(host: str) -> None:
    """ValueError for any address others could reach."""
    if host == "localhost":
        return
    try:
        if host in NAMES and ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise ValueError(f"the playground listens on loopback only, not on {host!r}")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only loopback names (a foreign name can be rebound to 127.0.0.1), only our own pages, and
    nothing that a proxy or a tunnel has brought here from elsewhere."""
    headers = request.headers
    host = headers.get("Host", "")
    if _name(host) not in NAMES or request.remote not in NAMES:
        raise web.HTTPForbidden(text="loopback names only")
    if any(name in headers for name in _BY_A_PROXY):
        raise web.HTTPForbidden(text="no proxies: the playground knows no passwords")
    if (request.content_length or 0) > FORM_LIMIT:
        raise web.HTTPRequestEntityTooLarge(FORM_LIMIT, request.content_length or 0)
    origin = headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise web.HTTPForbidden(text="same origin only")
    site = headers.get("Sec-Fetch-Site")
    if site in {"cross-site", "same-site"} and not (
        request.path == "/" and request.method == "GET"
    ):
        raise web.HTTPForbidden(text="same origin only")
    return await handler(request)


def new_application() -> web.Application:
    return web.Application(middlewares=[guard], client_max_size=BODY_LIMIT)


def _name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
