"""Text to speech over `/audio/speech`, the endpoint that OpenAI ends on 2027-01-06 and that
compatible servers keep."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from core.llm.connection import Connection
from core.llm.failures import CallFailed, failure, failure_in_body
from core.llm.wire import decoded
from core.speech import Spoken
from core.speech.answers import SILENCE_SECONDS, Options, limited
from core.speech.encoding import ogg_opus

if TYPE_CHECKING:
    import httpx2

# Two minutes of uncompressed stereo at 48 kHz.
_MOST_BYTES = 24_000_000


class SpeechEndpoint:
    """`Speaking` that asks for OGG/Opus, and makes it itself where the server sends another."""

    def __init__(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        model: str,
        voice: str,
        connections: int,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = Connection(
            "TTS",
            "audio.speech",
            api_key=api_key,
            base_url=base_url,
            connections=connections,
            read_seconds=SILENCE_SECONDS,
            transport=transport,
        )
        self._options = Options()
        self.provider = self._connection.provider
        self.model = model
        self.voice = voice

    async def close(self) -> None:
        await self._connection.close()

    async def speak(self, text: str, language: str) -> Spoken:
        try:
            return await self._speak(text)
        except Exception as error:
            raise failure(error) from error

    async def _speak(self, text: str) -> Spoken:
        from openai import APIStatusError

        client = await self._connection.client()
        create: Any = client.audio.speech.with_streaming_response.create
        while True:  # ends: the format is left out at most once
            allowed = self._options.allows("response_format", "opus")
            options = {"response_format": "opus"} if allowed else {}
            try:
                async with create(
                    model=self.model, voice=self.voice, input=text, **options
                ) as response:
                    sound = await limited(response.iter_bytes(), _MOST_BYTES)
                    mime = response.headers.get("content-type", "").lower()
                    ogg, seconds = await _as_opus(sound, mime)
                    return Spoken(ogg, seconds, None, self.model, response.request_id)
            except APIStatusError as error:
                if not self._options.refused(error, options):
                    raise


async def _as_opus(sound: bytes, mime: str) -> tuple[bytes, float | None]:
    if not sound:
        raise CallFailed("failed", "empty_answer")
    start = sound[:80].lstrip()
    if start.startswith(b"{") or "json" in mime:
        told = decoded(sound)
        raise failure_in_body(told.get("error") or told.get("detail") or "no sound but JSON")
    if start.startswith(b"<") or mime.startswith("text/"):
        raise CallFailed("failed", "bad_answer", start.decode("utf-8", "replace"))
    return await asyncio.to_thread(ogg_opus, sound, mime)
