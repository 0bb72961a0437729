"""The HTTP side of the scripted model: OpenAI's addresses, errors and streams."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.playground.model_conduct import Answer, ModelRefusal, ScriptedModel, count_tokens
from bot.playground.model_http import authorize, check_model, refuse, reply, reply_headers, serve
from bot.playground.model_journal import ANSWERS
from bot.playground.model_requests import check_chat, check_responses, plain, said_by_person
from bot.playground.model_schema import wanted_schema
from bot.playground.model_wire import ChatWire, ResponsesWire, Wire
from bot.playground.shapes import Json, as_object, parse_object

MODELS = ("gpt-6.1-terra", "gpt-6-luna", "scripted")
CREATED = 1_700_000_000


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
            authorize(request)
            name = request.match_info.get("id")
            if name is None:
                return reply({"object": "list", "data": [_describe(name) for name in MODELS]})
            check_model(name)
            return reply(_describe(name))
        except ModelRefusal as refusal:
            return refuse(refusal)

    async def _serve(
        self,
        request: web.Request,
        read: Callable[[Json], tuple[Wire, list[Json], int | None]],
    ) -> web.StreamResponse:
        async def work(request: web.Request) -> web.StreamResponse:
            body = parse_object(await request.read())
            if body is None:
                raise ModelRefusal(400, "We could not parse the JSON body of your request.")
            self._model.journal.note_answer(body)
            wire, messages, limit = read(body)
            check_model(body["model"])
            answer = self._model.answer(*said_by_person(messages), limit, wanted_schema(body))
            return await (
                _stream(request, wire, answer) if body.get("stream") else _whole(wire, answer)
            )

        return await serve(self._model, ANSWERS, request, work)


async def _whole(wire: Wire, answer: Answer) -> web.Response:
    async for _ in answer.stream():
        pass
    return reply(wire.whole(answer.text, answer.short))


async def _stream(request: web.Request, wire: Wire, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(headers=reply_headers())
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


def _describe(name: str) -> Json:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "playground"}
