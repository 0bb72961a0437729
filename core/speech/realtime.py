"""Text to speech by a realtime voice model over a WebSocket: what OpenAI offers instead of the
speech endpoint. It is no reader by nature, so it is told to read, and what it said is compared."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

from core.llm import Usage
from core.llm.connection import Connection
from core.llm.failures import CallFailed, failure, failure_in_body
from core.llm.prompts import prompt
from core.llm.wire import Fields, decoded, fields, text, usage
from core.speech import Spoken
from core.speech.answers import SILENCE_SECONDS
from core.speech.encoding import pcm_to_opus
from core.speech.faithfulness import reworded

if TYPE_CHECKING:
    from openai import APIStatusError

_RATE = 24_000
# Ten minutes, several times what the longest text takes.
_MOST_BYTES = 10 * 60 * _RATE * 2
_OPTIONS: dict[str, Any] = {
    "open_timeout": 10,
    # A server that doesn't say goodbye must not hold a stopped call up.
    "close_timeout": 1,
    "max_size": 4_000_000,
    "compression": None,
}


class RealtimeVoice:
    """`Speaking` with one WebSocket for each text: nothing of one person's words is in the memory
    of the next session."""

    def __init__(
        self, *, api_key: str | None, base_url: str | None, model: str, voice: str
    ) -> None:
        self._connection = Connection(
            "TTS",
            "realtime",
            api_key=api_key,
            base_url=base_url,
            connections=1,
            read_seconds=SILENCE_SECONDS,
        )
        self.provider = self._connection.provider
        self.model = model
        self.voice = voice

    async def close(self) -> None:
        await self._connection.close()

    async def speak(self, text: str, language: str) -> Spoken:
        try:
            said = await self._said(text, language)
        except Exception as error:
            raise _failure(error) from error
        if reworded(text, said.transcript):
            raise CallFailed("failed", "reworded", usage=said.usage, request_id=said.request_id)
        try:
            ogg, seconds = await asyncio.to_thread(pcm_to_opus, bytes(said.pcm), _RATE)
        except CallFailed as failed:
            raise CallFailed(
                failed.outcome, failed.code, usage=said.usage, request_id=said.request_id
            ) from None
        return Spoken(ogg, seconds, said.usage, said.model or self.model, said.request_id)

    async def _said(self, words: str, language: str) -> _Saying:
        client = await self._connection.client()
        options: Any = _OPTIONS
        connect = client.realtime.connect(model=self.model, websocket_connection_options=options)
        saying = _Saying()
        async with connect as connection:
            await connection.session.update(
                session={
                    "type": "realtime",
                    "output_modalities": ["audio"],
                    "instructions": prompt("read_aloud", language),
                    "audio": {
                        "output": {
                            "format": {"type": "audio/pcm", "rate": _RATE},
                            "voice": self.voice,
                        }
                    },
                }
            )
            await connection.conversation.item.create(
                item={
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": words}],
                }
            )
            await connection.response.create()
            while not saying.done:
                # As bytes: the library's typed events fail on servers that leave fields out.
                saying.take(decoded(await connection.recv_bytes()))
        return saying


class _Saying:
    """What has come of one text so far."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self.transcript = ""
        self.usage: Usage | None = None
        self.model = ""
        self.request_id: str | None = None
        self.done = False

    def take(self, event: Fields) -> None:
        match event.get("type"):
            # The second name is that of the time before the API was released.
            case "response.output_audio.delta" | "response.audio.delta":
                self.pcm += base64.b64decode(text(event.get("delta")), validate=True)
                if len(self.pcm) > _MOST_BYTES:
                    raise CallFailed("failed", "answer_too_long")
            case "response.output_audio_transcript.delta" | "response.audio_transcript.delta":
                self.transcript += text(event.get("delta"))
            case "session.created" | "session.updated":
                self.model = text(fields(event.get("session")).get("model")) or self.model
            case "error":
                raise failure_in_body(event.get("error"))
            case "response.done":
                self._end(fields(event.get("response")))
            case _:
                pass

    def _end(self, response: Fields) -> None:
        self.usage = usage(response.get("usage"))
        self.request_id = text(response.get("id")) or None
        details = fields(response.get("status_details"))
        reason = text(details.get("reason"))
        match response.get("status"):
            case "failed":
                raise self._told(failure_in_body(details.get("error") or "no reason", self.usage))
            case "incomplete" if reason == "content_filter":
                raise self._told(CallFailed("failed", reason, rejected="request", usage=self.usage))
            case "incomplete" | "cancelled":
                raise self._told(CallFailed("cut", reason or "incomplete", usage=self.usage))
            case _ if not self.pcm:
                raise self._told(CallFailed("failed", "empty_answer", usage=self.usage))
            case _:
                self.done = True

    def _told(self, failed: CallFailed) -> CallFailed:
        failed.request_id = self.request_id
        return failed


def _failure(error: Exception) -> CallFailed:
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

    name = type(error).__name__
    if isinstance(error, InvalidStatus):
        return failure(_status_error(error))
    if isinstance(error, ConnectionClosed):
        reason = error.rcvd.reason if error.rcvd else ""
        return CallFailed("cut", "connection_lost", reason or name)
    if isinstance(error, TimeoutError):
        return CallFailed("timeout", "connection", name, spent=False)
    if isinstance(error, OSError | InvalidHandshake):
        return CallFailed("failed", "connection", name, spent=False)
    if isinstance(error, ValueError):
        return CallFailed("failed", "protocol", name)
    return failure(error)


def _status_error(error: Any) -> APIStatusError:
    """A refused handshake as the error that the same answer to a plain request would be."""
    import httpx2
    from openai import APIStatusError

    refused = error.response
    response = httpx2.Response(
        refused.status_code,
        headers=list(refused.headers.raw_items()),
        request=httpx2.Request("GET", "wss://refused.invalid"),
    )
    try:
        body: Any = json.loads(refused.body or b"")
    except ValueError:
        body = None
    told = fields(body).get("error", body)
    return APIStatusError(f"HTTP {refused.status_code}", response=response, body=told)
