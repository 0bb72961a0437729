"""The HTTP side of the scripted model: OpenAI's addresses, errors and streams."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import orjson
from aiohttp import web

from bot.playground.bot_api import drop
from bot.playground.model_conduct import Answer, CutOff, ModelRefusal, ScriptedModel, count_tokens
from bot.playground.model_requests import check_chat, check_responses, plain, said_by_person
from bot.playground.model_schema import wanted_schema
from bot.playground.model_wire import ChatWire, ResponsesWire, Wire
from bot.playground.shapes import Json, as_object, parse_object

MODELS = ("gpt-6.1-terra", "gpt-6-luna", "scripted")
CREATED = 1_700_000_000
KINDS = {401: "invalid_request_error", 429: "requests", 500: "server_error", 503: "server_error"}


class ModelApi:
    def __init__(self, model: ScriptedModel) -> None:
        self._model = model

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_post("/v1/responses", self.responses)
        app.router.add_get("/v1/models", self.models)
        app.router.add_get("/v1/models/{id}", self.models)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        def read(body: Json) -> tuple[Wire, list[Json], int | None]:
            messages = check_chat(body)
            options = as_object(body.get("stream_options")) or {}
            wire = ChatWire(body["model"], _weigh(messages), bool(options.get("include_usage")))
            return wire, messages, body.get("max_completion_tokens") or body.get("max_tokens")

        return await self._serve(request, read)

    async def responses(self, request: web.Request) -> web.StreamResponse:
        def read(body: Json) -> tuple[Wire, list[Json], int | None]:
            messages = check_responses(body)
            prompt = _weigh(messages) + count_tokens(plain(body.get("instructions")))
            return (
                ResponsesWire(body["model"], body, prompt),
                messages,
                body.get("max_output_tokens"),
            )

        return await self._serve(request, read)

    async def models(self, request: web.Request) -> web.StreamResponse:
        try:
            _authorize(request)
            name = request.match_info.get("id")
            if name is None:
                return _json({"object": "list", "data": [_describe(name) for name in MODELS]})
            if name.startswith("missing"):
                raise ModelRefusal(
                    404, f"The model '{name}' does not exist", param="model", code="model_not_found"
                )
            return _json(_describe(name))
        except ModelRefusal as refusal:
            return _refuse(refusal)

    async def _serve(
        self,
        request: web.Request,
        read: Callable[[Json], tuple[Wire, list[Json], int | None]],
    ) -> web.StreamResponse:
        """A model whose name begins with `missing`, or a key with `bad`, is refused."""
        model = self._model
        model.enter()
        outcome = "stopped"
        try:
            _authorize(request)
            body = parse_object(await request.read())
            if body is None:
                raise ModelRefusal(400, "We could not parse the JSON body of your request.")
            model.note(body)
            wire, messages, limit = read(body)
            if body["model"].startswith("missing"):
                raise ModelRefusal(
                    404, f"The model '{body['model']}' does not exist", code="model_not_found"
                )
            answer = model.answer(*said_by_person(messages), limit, wanted_schema(body))
            response = (
                await _stream(request, wire, answer)
                if body.get("stream")
                else await _whole(wire, answer)
            )
            outcome = "done"
            return response
        except ModelRefusal as refusal:
            outcome = "failed"
            return _refuse(refusal)
        except CutOff:
            outcome = "cut"
            return drop(request)
        except ConnectionError:
            return web.Response()
        finally:
            model.leave(outcome)


async def _whole(wire: Wire, answer: Answer) -> web.Response:
    async for _ in answer.stream():
        pass
    return _json(wire.whole(answer.text, answer.short))


async def _stream(request: web.Request, wire: Wire, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(headers=_headers())
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    await response.prepare(request)
    await response.write(wire.opening())
    async for piece in answer.stream():
        await response.write(wire.delta(piece))
    await response.write(wire.closing(answer.text, answer.short))
    await response.write_eof()
    return response


def _weigh(messages: list[Json]) -> int:
    return sum(count_tokens(plain(message.get("content"))) + 4 for message in messages)


def _authorize(request: web.Request) -> None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise ModelRefusal(401, "You didn't provide an API key.")
    if key.startswith("bad"):
        raise ModelRefusal(401, "Incorrect API key provided.", code="invalid_api_key")


def _describe(name: str) -> Json:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "playground"}


def _headers() -> dict[str, str]:
    return {"x-request-id": f"req_{secrets.token_hex(16)}", "Cache-Control": "no-cache"}


def _json(content: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(content),
        status=status,
        content_type="application/json",
        headers=_headers() | (headers or {}),
    )


def _refuse(refusal: ModelRefusal) -> web.Response:
    error = {
        "message": str(refusal),
        "type": KINDS.get(refusal.status, "invalid_request_error"),
        "param": refusal.param,
        "code": refusal.code,
    }
    after = refusal.retry_after
    headers = {} if after is None else {"Retry-After": str(after)}
    return _json({"error": error}, refusal.status, headers)
