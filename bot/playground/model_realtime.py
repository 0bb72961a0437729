"""`/v1/realtime`: a voice model over a WebSocket, which reads aloud what it was told last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from bot.playground.bot_api import drop
from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_http import authorize, check_model, described, refuse
from bot.playground.model_realtime_session import (
    check_item,
    check_session,
    output_of,
    spoken_text,
)
from bot.playground.model_realtime_speech import ENDPOINT, Speech
from bot.playground.model_refusals import CutOff, ModelRefusal
from bot.playground.model_wire import new_id
from bot.playground.shapes import Json, as_list, as_object, parse_object

MOST_ITEMS = 1_000
MESSAGE_LIMIT = 16 << 20
READERS = ("tts-1", "gpt-4o-mini-tts", "whisper", "gpt-transcribe")


class RealtimeApi:
    def __init__(self, model: ScriptedModel) -> None:
        self._model = model

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/v1/realtime", self.connect)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Refusals below 500 strike the handshake, the others the first answer of the session."""
        failure: ModelRefusal | None = None
        try:
            authorize(request)
            name = _wanted_model(request)
            self._model.fail_if_due(ENDPOINT)
        except ModelRefusal as refusal:
            if refusal.status < 500:
                self._model.journal.counts[f"{ENDPOINT}_failed"] += 1
                return refuse(refusal)
            failure = refusal
            name = request.query["model"]
        socket = web.WebSocketResponse(max_msg_size=MESSAGE_LIMIT, compress=False)
        await socket.prepare(request)
        session = _Session(self._model, socket, name, failure)
        try:
            await session.run()
        except CutOff:
            drop(request)
        except ConnectionError:
            pass
        return socket


@dataclass(slots=True)
class _Session:
    model: ScriptedModel
    socket: web.WebSocketResponse
    name: str
    failure: ModelRefusal | None
    settings: Json = field(default_factory=dict[str, Any])
    items: list[Json] = field(default_factory=list[Json])
    has_spoken: bool = False

    async def run(self) -> None:
        self.settings = {
            "type": "realtime",
            "object": "realtime.session",
            "id": new_id("sess"),
            "model": self.name,
            "output_modalities": ["audio"],
            "instructions": "",
            "audio": {
                "output": {
                    "format": {"type": "audio/pcm", "rate": 24_000},
                    "voice": "marin",
                    "speed": 1.0,
                }
            },
        }
        await self._send("session.created", session=self.settings)
        async for message in self.socket:
            if message.type is not WSMsgType.TEXT:
                break
            event = parse_object(message.data.encode())
            try:
                await self._take(event)
            except ModelRefusal as refusal:
                mark = event.get("event_id") if event else None
                await self._send("error", error=described(refusal) | {"event_id": mark})

    async def _take(self, event: Json | None) -> None:
        kind = event.get("type") if event else None
        if event is None or not isinstance(kind, str):
            raise ModelRefusal(
                400,
                "The server could not parse the event as JSON with a type.",
                code="invalid_json",
            )
        match kind:
            case "session.update":
                self._update(event)
                await self._send("session.updated", session=self.settings)
            case "conversation.item.create":
                await self._add(check_item(event.get("item"), "item"))
            case "response.create":
                await self._respond(as_object(event.get("response")) or {})
            case "response.cancel":
                raise ModelRefusal(
                    400,
                    "Cancellation failed: no active response found",
                    code="response_cancel_not_active",
                )
            case _:
                raise ModelRefusal(
                    400, f"Invalid value: '{kind}'.", param="type", code="invalid_value"
                )

    def _update(self, event: Json) -> None:
        session = check_session(event.get("session"))
        output = output_of(session)
        before = self.settings["audio"]["output"]
        if self.has_spoken and output.get("voice", before["voice"]) != before["voice"]:
            raise ModelRefusal(
                400,
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
            )
        self.settings = {**self.settings, **session, "audio": {"output": {**before, **output}}}

    async def _add(self, item: Json) -> None:
        item = {"id": new_id("item"), "object": "realtime.item", "status": "completed", **item}
        previous = self.items[-1]["id"] if self.items else None
        self.items.append(item)
        if len(self.items) > MOST_ITEMS:
            raise ModelRefusal(400, "The conversation is too long.", code="conversation_too_long")
        for kind in ("conversation.item.added", "conversation.item.done"):
            await self._send(kind, previous_item_id=previous, item=item)

    async def _respond(self, wanted: Json) -> None:
        """`wanted` may bring its own input and its own settings, for this answer alone."""
        given = as_list(wanted.get("input"))
        items = self.items
        if given is not None:
            items = [check_item(item, f"response.input[{at}]") for at, item in enumerate(given)]
        output = self.settings["audio"]["output"]
        speech = Speech(
            text=spoken_text(items),
            model=self.name,
            voice=output_of(wanted).get("voice", output["voice"]),
            speed=output["speed"],
            send=self._send,
        )
        failure, self.failure = self.failure, None
        await speech.give(self.model, failure)
        self.has_spoken = True

    async def _send(self, kind: str, **content: Any) -> None:
        event = {"type": kind, "event_id": new_id("event"), **content}
        await self.socket.send_str(orjson.dumps(event).decode())


def _wanted_model(request: web.Request) -> str:
    name = request.query.get("model", "")
    if not name:
        raise ModelRefusal(
            400, "You must provide a model parameter.", param="model", code="missing_model"
        )
    check_model(name)
    if name.startswith(READERS):
        raise ModelRefusal(
            400,
            f"Model '{name}' is not supported in realtime mode.",
            param="model",
            code="invalid_model",
        )
    return name
