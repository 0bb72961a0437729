"""What stands around a bot that is watched: a model that quotes, and a Sentry that listens."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

USAGE = {
    "prompt_tokens": 1204,
    "completion_tokens": 31,
    "total_tokens": 1235,
    "prompt_tokens_details": {"cached_tokens": 1024},
}


class QuotingModel:
    """Chat Completions. Says `answer`; asked to break or to refuse, it repeats all it was told."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self._asked = 0

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self._asked += 1
        headers = {"x-request-id": f"req_quoting_{self._asked}"}
        body = await request.text()
        last = json.loads(body)["messages"][-1]["content"]
        for word, status, code in (("откажи", 400, "invalid_prompt"), ("сломайся", 500, "")):
            if word in last:
                complaint = {"message": f"no: {last}", "code": code, "type": code, "param": last}
                return web.json_response({"error": complaint}, status=status, headers=headers)
        name = f"chatcmpl-{self._asked}"
        chunks: list[dict[str, Any]] = [
            {"id": name, "choices": [{"index": 0, "delta": {"content": self.answer}}]},
            {"id": name, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"id": name, "choices": [], "usage": USAGE},
        ]
        response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response


class Sentry:
    """Keeps every event that arrives, and the bytes it came in."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.text = ""

    async def envelope(self, request: web.Request) -> web.Response:
        data = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        self.text += data.decode() + "\n"
        items = iter(data.split(b"\n")[1:])
        for head in items:
            if head.strip() and json.loads(head).get("type") == "event":
                self.events.append(json.loads(next(items)))
        return web.json_response({"id": "0" * 32})


@asynccontextmanager
async def serving(*routes: web.RouteDef) -> AsyncIterator[str]:
    """`host:port` on loopback."""
    app = web.Application(client_max_size=50_000_000)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
