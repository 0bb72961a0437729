"""A Telegram and a model on loopback that quote whatever they are told, and fail in turn."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

PERSON = 1001


class Hostile:
    def __init__(self) -> None:
        self.url = ""
        self.told: list[str] = []
        """Bodies of what the bot has sent to Telegram, that is what people would read."""
        self.failures: Counter[str] = Counter()
        self._ways: dict[str, Iterator[str]] = {}
        self._updates = list(_updates())

    async def telegram(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        body = await request.text()
        match method:
            case "getme":
                return _ok({"id": 4242, "is_bot": True, "first_name": "b", "username": "b_bot"})
            case "getupdates":
                return await self._get_updates(request)
            case _:
                self.told.append(body)
        way = self._next(method, "ok", "refused", "broken", "html", "ok", "dropped", "garbage")
        if way == "ok":
            file = {"file_id": "f", "file_unique_id": "u", "file_path": "voice/1.oga"}
            return _ok(file if method == "getfile" else _message(len(self.told)))
        return self._fail(request, "telegram", way, body)

    async def file(self, request: web.Request) -> web.StreamResponse:
        return self._fail(request, "file", self._next("file", "html", "dropped", "broken"), "")

    async def model(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        ways = ("broken", "html", "dropped", "stream", "garbage", "refused", "unauthorized")
        way = self._next("model", *ways)
        if way != "stream":
            return self._fail(request, "model", way, body)
        self.failures["model stream"] += 1
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        error = {"error": {"message": _quoted(request, ""), "type": "server_error", "code": "x"}}
        await answer.write(f"data: {json.dumps(error)}\n\n".encode())
        return answer

    async def _get_updates(self, request: web.Request) -> web.StreamResponse:
        way = self._next("getupdates", "ok", "broken", "html", "ok", "dropped", "garbage")
        if way != "ok":
            return self._fail(request, "polling", way, "")
        offset = int((await request.post()).get("offset") or 0)  # type: ignore[arg-type]
        waiting = [update for update in self._updates if update["update_id"] >= offset][:1]
        if not waiting:
            await asyncio.sleep(0.2)
        return _ok(waiting)

    def _next(self, what: str, *ways: str) -> str:
        return next(self._ways.setdefault(what, itertools.cycle(ways)))

    def _fail(self, request: web.Request, who: str, way: str, body: str) -> web.StreamResponse:
        self.failures[f"{who} {way}"] += 1
        said = _quoted(request, body)
        match way:
            case "dropped":
                assert request.transport
                request.transport.abort()
                return web.Response()
            case "html":
                page = f"<html><title>502</title>{said}</html>"
                return web.Response(status=502, text=page, content_type="text/html")
            case "garbage":
                return web.Response(text=f'{{"ok": tru {said}', content_type="application/json")
            case _:
                status = {"refused": 400, "unauthorized": 401, "broken": 500}[way]
                error = {"message": said, "type": "t", "code": "invalid_api_key", "param": said}
                return web.json_response(
                    {"ok": False, "error_code": status, "description": said, "error": error},
                    status=status,
                    headers={"X-Request-Id": "r"},
                )


def _quoted(request: web.Request, body: str) -> str:
    headers = "; ".join(f"{name}: {value}" for name, value in request.headers.items())
    return f"{request.method} {request.raw_path} [{headers}] {body[:2000]}"


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _message(number: int) -> dict[str, Any]:
    chat = {"id": PERSON, "type": "private", "first_name": "A"}
    return {"message_id": 1000 + number, "date": 1_790_000_000, "chat": chat, "text": "x"}


def _updates() -> Iterator[dict[str, Any]]:
    voice = {"file_id": "f", "file_unique_id": "u", "duration": 2, "mime_type": "audio/ogg"}
    contents: list[dict[str, Any]] = [
        {"text": "/start"},
        {"text": "/new_vision House"},
        *({"text": f"What now, {number}?"} for number in range(12)),
        {"voice": voice},
        {"no_such_thing": True, "text": "/settings"},
    ]
    person = {"id": PERSON, "is_bot": False, "first_name": "A", "language_code": "en"}
    for number, content in enumerate(contents, 1):
        message = _message(number) | {"message_id": number, "from": person}
        del message["text"]
        yield {"update_id": number, "message": message | content}


@asynccontextmanager
async def hostile_servers() -> AsyncIterator[Hostile]:
    hostile = Hostile()
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", hostile.telegram)
    app.router.add_route("*", "/file/{path:.*}", hostile.file)
    app.router.add_route("*", "/{path:.*}", hostile.model)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hostile.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield hostile
    await runner.cleanup()
