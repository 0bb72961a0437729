"""`/v1/audio/speech`: the text becomes a tone of its length."""

from __future__ import annotations

from aiohttp import web

from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_http import check_model, reply_headers, serve
from bot.playground.model_refusals import ModelRefusal, missing
from bot.playground.model_requests import Check, check
from bot.playground.shapes import Json, as_object, parse_object
from bot.playground.tones import ENCODINGS, seconds_for, tone

ENDPOINT = "speeches"
INPUT_LIMIT = 4096
PIECE = 16 << 10
REALTIME = "gpt-realtime"


def _voice(value: object) -> bool:
    name = value if isinstance(value, str) else (as_object(value) or {}).get("id")
    return isinstance(name, str) and bool(name)


def _speed(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.25 <= value <= 4.0


KNOWN: dict[str, Check] = {
    "model": lambda value: isinstance(value, str) and bool(value),
    "input": lambda value: isinstance(value, str),
    "voice": _voice,
    "instructions": lambda value: isinstance(value, str),
    "response_format": lambda value: isinstance(value, str) and value in {*ENCODINGS, "aac"},
    "speed": _speed,
    "stream_format": lambda value: value == "audio",
}


class SpeakingApi:
    def __init__(self, model: ScriptedModel) -> None:
        self._model = model

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/audio/speech", self.speak)

    async def speak(self, request: web.Request) -> web.StreamResponse:
        return await serve(self._model, ENDPOINT, request, self._speak)

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        body = parse_object(await request.read())
        if body is None:
            raise ModelRefusal(400, "We could not parse the JSON body of your request.")
        self._model.journal.note_sound(ENDPOINT, body)
        text, wanted = _checked(body)
        conduct = self._model.conduct
        self._model.fail_if_due(ENDPOINT)
        await self._model.think(ENDPOINT, conduct.first_token, conduct.speaking)
        sound = await tone(seconds_for(text, body.get("speed") or 1.0), wanted)
        return await _stream(request, sound, ENCODINGS[wanted][2])


def _checked(body: Json) -> tuple[str, str]:
    check(body, KNOWN, "input")
    if not body.get("voice"):
        raise missing("voice")
    check_model(body["model"])
    if body["model"].startswith(REALTIME):
        raise ModelRefusal(
            400, f"The model '{body['model']}' does not support this endpoint.", param="model"
        )
    text: str = body["input"]
    if len(text) > INPUT_LIMIT:
        raise ModelRefusal(
            400,
            f"Invalid 'input': string too long. Expected a string with maximum length "
            f"{INPUT_LIMIT}, but got a string with length {len(text)} instead.",
            param="input",
            code="string_above_max_length",
        )
    wanted = body.get("response_format") or "mp3"
    if wanted not in ENCODINGS:
        raise ModelRefusal(400, f"This playground has no {wanted}.", param="response_format")
    return text, wanted


async def _stream(request: web.Request, sound: bytes, mime_type: str) -> web.StreamResponse:
    response = web.StreamResponse(headers=reply_headers())
    response.content_type = mime_type
    await response.prepare(request)
    for at in range(0, len(sound), PIECE):
        await response.write(sound[at : at + PIECE])
    await response.write_eof()
    return response
