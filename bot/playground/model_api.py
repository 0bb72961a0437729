"""The HTTP side of the scripted model's answers: both APIs and the list of models."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.playground.model_answer import Answer
from bot.playground.model_asked import Asked, read_chat, read_responses
from bot.playground.model_chat_wire import ChatWire
from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_http import authorize, check_model, refuse, reply, reply_headers, serve
from bot.playground.model_journal import ANSWERS
from bot.playground.model_refusals import ModelRefusal
from bot.playground.model_responses_wire import ResponsesWire
from bot.playground.model_wire import Wire
from bot.playground.shapes import Json, as_object, parse_object

MODELS = ("gpt-6.1-terra", "gpt-6-luna", "gpt-transcribe", "gpt-realtime-2.1-mini", "scripted")
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
        def open_wire(asked: Asked, body: Json) -> Wire:
            options = as_object(body.get("stream_options")) or {}
            return ChatWire(asked.model, asked.prompt_tokens, bool(options.get("include_usage")))

        return await self._serve(request, read_chat, open_wire)

    async def responses(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, read_responses, ResponsesWire)

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
        read: Callable[[Json], Asked],
        open_wire: Callable[[Asked, Json], Wire],
    ) -> web.StreamResponse:
        journal = self._model.journal

        async def work(request: web.Request) -> web.StreamResponse:
            body = parse_object(await request.read())
            if body is None:
                raise ModelRefusal(400, "We could not parse the JSON body of your request.")
            journal.note_answer(body)
            asked = read(body)
            check_model(asked.model)
            wire = open_wire(asked, body)
            answer = self._model.answer(asked)
            send = _stream if body.get("stream") else _whole
            response = await send(request, wire, answer)
            journal.count_finished(len(answer.calls), [p.sha256 for p in asked.pictures])
            return response

        return await serve(self._model, ANSWERS, request, work)


async def _whole(request: web.Request, wire: Wire, answer: Answer) -> web.StreamResponse:
    async for _ in answer.stream():
        pass
    return reply(wire.whole(answer))


async def _stream(request: web.Request, wire: Wire, answer: Answer) -> web.StreamResponse:
    response = web.StreamResponse(headers=reply_headers())
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    await response.prepare(request)
    await response.write(wire.opening())
    async for piece in answer.stream():
        await response.write(wire.piece(piece))
    await response.write(wire.closing(answer))
    await response.write_eof()
    return response


def _describe(name: str) -> Json:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "playground"}
