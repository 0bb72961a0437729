"""Model servers for tests: prepared replies in memory, and one on loopback that hangs and cuts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from aiohttp import web

from core.llm import ChatMessage, Event, Model, ModelRequest
from core.llm.client import open_model

OPENAI = "https://api.openai.com/v1"
OTHER = "http://models.example/v1"
APIS = ("chat", "responses")
KEY = "sk-test-0123456789"
CHAT_USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 5,
    "total_tokens": 25,
    "prompt_tokens_details": {"cached_tokens": 16},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
RESPONSES_USAGE = {
    "input_tokens": 20,
    "output_tokens": 5,
    "total_tokens": 25,
    "input_tokens_details": {"cached_tokens": 16, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 2},
}
USAGES = {"chat": CHAT_USAGE, "responses": RESPONSES_USAGE}


def sse(*events: dict[str, Any] | str) -> bytes:
    lines = [e if isinstance(e, str) else json.dumps(e, ensure_ascii=False) for e in events]
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def piece(api: str, text: str) -> bytes:
    if api == "responses":
        return sse({"type": "response.output_text.delta", "delta": text})
    return sse({"model": "m-1", "choices": [{"index": 0, "delta": {"content": text}}]})


def ending(api: str, usage: dict[str, Any] | None = None) -> bytes:
    """The end of a whole answer, as the real servers send it."""
    if api == "responses":
        response = {"status": "completed", "model": "m-1", "usage": usage}
        return sse({"type": "response.completed", "response": response})
    finish = {"model": "m-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return sse(
        finish, *([{"model": "m-1", "choices": [], "usage": usage}] if usage else []), "[DONE]"
    )


def whole(api: str, *texts: str, usage: dict[str, Any] | None = None) -> bytes:
    start = [sse({"type": "response.created", "response": {}})] if api == "responses" else []
    return b"".join([*start, *(piece(api, text) for text in texts), ending(api, usage)])


def refusal(
    status: int, code: str | None = None, message: str = "no", **headers: str
) -> httpx2.Response:
    body = {"error": {"message": message, "type": None, "param": None, "code": code}}
    return httpx2.Response(status, json=body, headers=headers)


class Prepared:
    """Answers with one reply after another, the last one for ever, and keeps what was asked."""

    def __init__(self, *replies: bytes | httpx2.Response | Exception) -> None:
        self._replies = list(replies)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, bytes):
            headers = {"content-type": "text/event-stream", "x-request-id": "req-7"}
            return httpx2.Response(200, content=reply, headers=headers)
        return httpx2.Response(reply.status_code, content=reply.content, headers=reply.headers)

    def model(self, api: str, base_url: str | None = None) -> Model:
        return open_model(
            api=api,  # type: ignore[arg-type]
            api_key=KEY,
            base_url=base_url,
            connections=4,
            transport=httpx2.MockTransport(self),
        )


def request(*texts: str, **fields: Any) -> ModelRequest:
    messages = [ChatMessage("system", "Be brief.")]
    messages += [ChatMessage("user", text) for text in texts or ("Привет",)]
    return ModelRequest("m-0", messages, **fields)


async def heard(model: Model, asked: ModelRequest | None = None) -> list[Event]:
    try:
        return [event async for event in model.stream(asked or request())]
    finally:
        await model.close()


Step = bytes | Callable[[web.Request, web.StreamResponse], Any]


class Loopback:
    """A real server. A reply is a list of steps: bytes to send, `cut` or `hang`."""

    def __init__(self) -> None:
        self.url = ""
        self.replies: list[list[Step]] = []
        self.requests = 0
        self.bodies: list[tuple[bytes, Mapping[str, str]]] = []
        self.connections: set[int] = set()
        self.left = asyncio.Event()

    def model(self, api: str) -> Model:
        return open_model(api=api, api_key=None, base_url=self.url, connections=4)  # type: ignore[arg-type]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self.connections.add(id(request.transport))
        self.bodies.append((await request.read(), request.headers))
        steps = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        try:
            if steps[0] is not silent:
                await response.prepare(request)
            for step in steps:
                if isinstance(step, bytes):
                    await response.write(step)
                else:
                    await step(request, response)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response


async def cut(request: web.Request, response: web.StreamResponse) -> None:
    assert request.transport is not None
    await asyncio.sleep(0.02)  # lets what was written leave first
    request.transport.abort()
    raise ConnectionResetError


async def hang(request: web.Request, response: web.StreamResponse) -> None:
    await asyncio.Event().wait()


async def silent(request: web.Request, response: web.StreamResponse) -> None:
    """As the first step: not even headers come."""
    await asyncio.Event().wait()


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    server = Loopback()
    app = web.Application(client_max_size=64_000_000)
    app.router.add_post("/v1/chat/completions", server.handle)
    app.router.add_post("/v1/responses", server.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


class FakeDatabase:
    """Keeps the rows; `failures` are raised one by one before calls succeed again."""

    def __init__(self, *failures: Exception, gate: asyncio.Event | None = None) -> None:
        self.rows: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.called = asyncio.Event()
        self._failures = list(failures)
        self._gate = gate

    async def call(self, function: str, /, **arguments: Any) -> Any:
        assert function == "log_tokens"
        self.keys.append(arguments["call_key"])
        self.called.set()
        if self._gate:
            await self._gate.wait()
        if self._failures:
            raise self._failures.pop(0)
        json.dumps(arguments)  # goes into jsonb
        self.rows.append(arguments)
        return {}

    def notifications(self, channel: str) -> Any:
        raise NotImplementedError

    def exclusive(self, name: str) -> Any:
        raise NotImplementedError

    async def close(self) -> None: ...
