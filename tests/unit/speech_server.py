"""A speech server on loopback: hears and speaks as OpenAI does, refuses what OpenAI refuses."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from typing import Any

import soundfile
from aiohttp import WSMsgType, web

KEY = "sk-test-0123456789"
EXTENSIONS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")
VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
MOST_BYTES = 26_214_400
USAGE = {
    "total_tokens": 253,
    "input_tokens": 132,
    "output_tokens": 121,
    "input_token_details": {"text_tokens": 132, "audio_tokens": 0, "cached_tokens": 64},
    "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
}


def tone(seconds: float, rate: int = 24_000) -> bytes:
    """440 Hz as signed 16-bit little-endian PCM."""
    count = round(seconds * rate)
    step = 2 * math.pi * 440 / rate
    return array("h", (round(9_000 * math.sin(n * step)) for n in range(count))).tobytes()


def sound(seconds: float, format: str, subtype: str | None = None, rate: int = 24_000) -> bytes:
    out = BytesIO()
    with soundfile.SoundFile(out, "w", rate, 1, format=format, subtype=subtype) as file:
        file.buffer_write(tone(seconds, rate), dtype="int16")
    return out.getvalue()


def samples_of(sound: bytes) -> tuple[array[int], int]:
    """The samples of a sound, and how many there are in a second."""
    with soundfile.SoundFile(BytesIO(sound)) as file:
        return array("h", bytes(file.buffer_read(dtype="int16"))), file.samplerate


def frequency(sound: bytes) -> float:
    """The pitch of a tone, by how often it changes its sign."""
    samples, rate = samples_of(sound)
    settled = samples[rate // 4 :]
    crossings = sum((before < 0) != (after < 0) for before, after in pairwise(settled))
    return crossings / 2 / (len(settled) / rate)


def error(status: int, message: str, **fields: str | None) -> web.Response:
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return web.json_response({"error": {**told, **fields}}, status=status)


@dataclass
class Upload:
    """A transcription as it was asked for."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    name: str | None = None
    mime: str | None = None
    content: bytes = b""
    size: int = 0


Reply = web.StreamResponse | Callable[[web.Request], Awaitable[web.StreamResponse]]


class SpeechServer:
    """`replies` are given one by one, the last for ever; None is OpenAI's own behaviour."""

    def __init__(self) -> None:
        self.url = ""
        self.replies: list[Callable[[], Reply] | None] = [None]
        self.uploads: list[Upload] = []
        self.spoken: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.realtime: Callable[[web.WebSocketResponse], Awaitable[None]] = say
        self.requests: list[web.Request] = []
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def transcribe(self, request: web.Request) -> web.StreamResponse:
        upload = Upload()
        self.uploads.append(upload)
        async for part in await request.multipart():
            if part.name != "file":
                upload.fields.append((part.name, await part.text()))
                continue
            upload.name, upload.mime = part.filename, part.headers.get("Content-Type")
            while chunk := await part.read_chunk(65_536):
                upload.size += len(chunk)
                upload.content = (upload.content + chunk)[:65_536]
        return await self._reply(request, lambda: self._heard(upload))

    def _heard(self, upload: Upload) -> web.Response:
        fields = dict(upload.fields)
        model = fields["model"]
        known = {"model", "response_format", "language"}
        if model == "gpt-transcribe":
            known.add("languages")
        for name in {name.removesuffix("[]") for name in fields} - known:
            words = f"Unknown parameter: '{name}'."
            return error(400, words, param=name, code="unknown_parameter")
        if model not in {"gpt-transcribe", "whisper-1"}:
            return error(404, f"The model '{model}' does not exist", code="model_not_found")
        if upload.size > MOST_BYTES:
            return error(413, f"Maximum content size limit ({MOST_BYTES}) exceeded")
        if (upload.name or "").rpartition(".")[2] not in EXTENSIONS:
            return error(400, f"Unrecognized file format. Supported formats: {list(EXTENSIONS)}")
        usage = {"type": "duration", "seconds": 2}
        if upload.content.startswith(b"OggS") and b"OpusHead" not in upload.content:
            return error(400, "The audio file could not be decoded or its format is not supported.")
        return web.json_response({"text": " Привет, мир. ", "usage": usage})

    async def speak(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.spoken.append(asked)
        ogg = sound(1, "OGG", "OPUS")
        return await self._reply(request, lambda: web.Response(body=ogg, content_type="audio/ogg"))

    async def talk(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return error(401, "Incorrect API key provided", code="invalid_api_key")
        if self.replies[0] is not None:
            return await self._reply(request, web.Response)
        self.requests.append(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        model = request.query["model"]
        await event(socket, "session.created", session={"type": "realtime", "model": model})
        try:
            await self._converse(socket)
        finally:
            self.left.set()
        return socket

    async def _converse(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                return
            told = json.loads(message.data)
            self.events.append(told)
            voice = told.get("session", {}).get("audio", {}).get("output", {}).get("voice", "marin")
            if voice not in VOICES:
                about = {"param": "session.audio.output.voice", "code": "invalid_value"}
                await refuse(socket, f"Invalid value: '{voice}'.", **about)
            if told["type"] == "response.create":
                self.asked.set()
                await self.realtime(socket)

    async def _reply(
        self, request: web.Request, otherwise: Callable[[], web.StreamResponse]
    ) -> web.StreamResponse:
        self.requests.append(request)
        self.asked.set()
        make = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        reply = otherwise() if make is None else make()
        try:
            return reply if isinstance(reply, web.StreamResponse) else await reply(request)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise


async def event(socket: web.WebSocketResponse, type: str, **fields: Any) -> None:
    await socket.send_json({"type": type, "event_id": "event_1", **fields})


async def refuse(socket: web.WebSocketResponse, message: str, **fields: str) -> None:
    told = {"type": "invalid_request_error", "message": message, **fields}
    await event(socket, "error", error=told)


async def done(socket: web.WebSocketResponse, status: str = "completed", **fields: Any) -> None:
    response = {"id": "resp_7", "object": "realtime.response", "status": status, "usage": USAGE}
    await event(socket, "response.done", response={**response, **fields})


async def hum(
    socket: web.WebSocketResponse, seconds: float = 2, transcript: Sequence[str] = ()
) -> None:
    """Sound in pieces, some of which end in the middle of a sample, as nobody forbids."""
    await event(socket, "response.created", response={"id": "resp_7", "status": "in_progress"})
    pcm = tone(seconds)
    for start in range(0, len(pcm), 9_601):
        delta = base64.b64encode(pcm[start : start + 9_601]).decode()
        await event(socket, "response.output_audio.delta", delta=delta, item_id="item_1")
    for words in transcript:
        await event(socket, "response.output_audio_transcript.delta", delta=words)
    await event(socket, "response.output_audio.done")


async def say(socket: web.WebSocketResponse) -> None:
    await hum(socket)
    await done(socket)


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


def cut(*chunks: bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "audio/ogg"})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        await asyncio.sleep(0.02)  # lets what was written leave first
        assert request.transport is not None
        request.transport.abort()
        raise ConnectionResetError

    return reply


@asynccontextmanager
async def speech_server() -> AsyncIterator[SpeechServer]:
    server = SpeechServer()
    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", server.transcribe)
    app.router.add_post("/v1/audio/speech", server.speak)
    app.router.add_get("/v1/realtime", server.talk)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
