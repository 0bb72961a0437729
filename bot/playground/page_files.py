"""The chat page itself: index.html and what it loads, straight from the folder beside."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
        "media-src 'self' blob:; object-src 'none'; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
    "Referrer-Policy": "no-referrer",
}


def add_routes(app: web.Application) -> None:
    app.router.add_get("/", _index)
    app.router.add_get("/favicon.ico", _icon)
    app.router.add_get("/page/{file:.+}", _file)


async def _index(request: web.Request) -> web.StreamResponse:
    return _answer("index.html")


async def _icon(request: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


async def _file(request: web.Request) -> web.StreamResponse:
    return _answer(request.match_info["file"])


def _answer(name: str) -> web.Response:
    path = (FOLDER / name).resolve()
    content_type = TYPES.get(path.suffix)
    if content_type is None or not path.is_relative_to(FOLDER.resolve()) or not path.is_file():
        raise web.HTTPNotFound
    charset = "utf-8" if content_type.startswith(("text/", "application/", "image/svg")) else None
    return web.Response(
        body=path.read_bytes(), content_type=content_type, charset=charset, headers=HEADERS
    )
