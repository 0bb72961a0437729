"""Telegram's webhook: an HTTP server that answers 200 when an update is handled or written down."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import hdrs, web
from aiohttp.http import HttpProcessingError, HttpVersion11

from bot.intake.handling import Handling, settled
from core import CoreError

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
BODY_BYTES = 1 << 20
BODY_SECONDS = 10.0
HOLD_SECONDS = 25.0
"""Telegram waits 60 s, and the chat's next update comes after this one's 200. What takes longer is
written down."""

AWAY_SECONDS = 8.0
"""How long an update waits here for a database that is away, before it waits at Telegram."""

RETRY_AFTER_SECONDS = 2
ANSWER_SECONDS = 1.0

Ready = Callable[[], Awaitable[str]]


class WebhookServer:
    """`ready` says why this process should get no work, nothing when it may."""

    def __init__(self, handling: Handling, *, path: str, secret: str, ready: Ready) -> None:
        self._handling = handling
        self._path = path
        self._secret = secret.encode()
        self._ready = ready
        self._runner: web.AppRunner | None = None
        self._inside = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def port(self) -> int:
        """The one that was opened; of interest where any free one was asked for."""
        assert self._runner
        return self._runner.addresses[0][1]

    async def open(self, host: str, port: int) -> None:
        """Several processes of one bot may share a port: the system spreads connections among
        them. Raises `OSError` when something else has it."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_get("/healthz", _healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_route("*", "/{path:.*}", self._receive, expect_handler=self._before_the_body)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_wire_log(),
            # A proxy keeps connections for a minute or so: it must be the one that closes them.
            keepalive_timeout=90,
            # Telegram doesn't compress, and what is small on the wire may be huge.
            auto_decompress=False,
            lingering_time=1,
            shutdown_timeout=1,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, reuse_address=True, reuse_port=True).start()

    def refuse(self) -> None:
        """From now on every update waits at Telegram."""
        self._closing = True

    async def close(self) -> None:
        """After what is inside has been answered."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._idle.wait()
        if self._runner:
            await self._runner.cleanup()

    async def _before_the_body(self, request: web.Request) -> web.StreamResponse | None:
        """`Expect: 100-continue`: a stranger isn't even asked for the body."""
        if refusal := self._refusal(request):
            return refusal
        if request.version >= HttpVersion11:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        return None

    def _refusal(self, request: web.Request) -> web.Response | None:
        # Bytes: header values may hold what is not ASCII, which text can't be compared with.
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        status = 0
        if not self._is_ours(request.path):
            status = 404
        elif request.method != "POST":
            status = 405
        elif not hmac.compare_digest(given, self._secret):
            status = 401
        elif request.content_type != "application/json":
            status = 415
        elif (request.content_length or 0) > BODY_BYTES:
            status = 413
        elif self._closing:
            return _later()
        return _last_word(status) if status else None

    def _is_ours(self, path: str) -> bool:
        """A proxy in front may have taken the first parts of the path away, but not all of them."""
        return path.startswith("/") and bool(path.strip("/")) and self._path.endswith(path)

    async def _receive(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        self._inside += 1
        self._idle.clear()
        try:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    body = await request.read()
            except TimeoutError:
                return _last_word(408)
            except web.HTTPRequestEntityTooLarge:
                return _last_word(413)
            raw = _update(body)
            return await self._take(raw) if raw else _last_word(400)
        finally:
            self._inside -= 1
            if not self._inside:
                self._idle.set()

    async def _take(self, raw: dict[str, Any]) -> web.Response:
        if self._closing:
            return _later()
        future = self._handling.submit(raw)
        if not self._handling.is_late(raw):
            # Not `await future`: a request that is cancelled would cancel the handler.
            await asyncio.wait({future}, timeout=AWAY_SECONDS)
            if not future.done() and not self._handling.is_starved(raw):
                await asyncio.wait({future}, timeout=HOLD_SECONDS - AWAY_SECONDS)
        if not future.done():
            try:
                if self._handling.is_starved(raw):
                    raise Starved
                await self._handling.keep(raw, future)
            except (CoreError, Starved) as error:
                log.warning("update %s waits at Telegram: %s", raw["update_id"], error)
                self._handling.withdraw(raw["update_id"])
                return _later()
            if seconds := self._handling.known_after:
                # The 200 lets the chat's next update come, and maybe to another process.
                await asyncio.wait({future}, timeout=seconds)
            if not future.done():
                return web.Response()
        return web.Response() if settled(future) else _later()

    async def _readyz(self, request: web.Request) -> web.Response:
        trouble = await self._ready()
        return web.Response(text=trouble or "ready", status=503 if trouble else 200)


class Starved(Exception):
    def __str__(self) -> str:
        return "the database is away"


async def _healthz(request: web.Request) -> web.Response:
    return web.Response(text="ok")


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        raw: Any = orjson.loads(body)
        number: Any = raw["update_id"]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return None
    # Greater ones have no place in the database.
    return raw if type(number) is int and 0 <= number < 1 << 63 else None


def _wire_log() -> logging.Logger:
    logger = logging.getLogger(f"{__name__}.wire")
    logger.addFilter(_of_our_own_making)
    return logger


def _of_our_own_making(record: logging.LogRecord) -> bool:
    """Anybody may send what is no HTTP, and the complaint would quote it, secrets included."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def _later() -> web.Response:
    return web.Response(status=503, headers={hdrs.RETRY_AFTER: str(RETRY_AFTER_SECONDS)})


def _last_word(status: int) -> web.Response:
    """The body is not read, so nothing more can come over this connection."""
    response = web.Response(status=status)
    response.force_close()
    return response
