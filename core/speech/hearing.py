"""Speech to text: `/audio/transcriptions` of OpenAI and of every compatible server."""

from __future__ import annotations

import asyncio
import codecs
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.llm import Usage
from core.llm.connection import Connection
from core.llm.failures import CallFailed, failure_in_body
from core.llm.wire import Fields, decoded, fields, text, usage
from core.speech import Heard
from core.speech.answers import SILENCE_SECONDS, Options, limited
from core.speech.failures import about_the_sound, hearing_failure
from core.speech.names import mime_of

if TYPE_CHECKING:
    import httpx2

# An hour of speech is 60 kB of text; a verbose answer repeats it in pieces.
_MOST_BYTES = 4_000_000


class ServerHearing:
    """`Hearing` over one server; one refusal of a parameter is answered by leaving it out."""

    def __init__(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        model: str,
        connections: int,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = Connection(
            "STT",
            "audio.transcriptions",
            api_key=api_key,
            base_url=base_url,
            connections=connections,
            read_seconds=SILENCE_SECONDS,
            transport=transport,
        )
        self._options = Options()
        self.provider = self._connection.provider
        self.model = model

    async def close(self) -> None:
        await self._connection.close()

    async def hear(self, sound: Path, name: str, languages: Sequence[str]) -> Heard:
        try:
            return await self._hear(sound, name, languages)
        except OSError:  # of the disk: the library wraps those of the network
            raise
        except Exception as error:
            raise hearing_failure(error) from error

    async def _hear(self, sound: Path, name: str, languages: Sequence[str]) -> Heard:
        from openai import APIStatusError

        client = await self._connection.client()
        create: Any = client.audio.transcriptions.with_streaming_response.create
        while True:  # ends: every repeat leaves out one more of a few options
            options = self._chosen(languages)
            # As a path the library would read it whole; an open file goes out piece by piece.
            file = await asyncio.to_thread(sound.open, "rb")
            try:
                async with create(
                    model=self.model, file=(name, file, mime_of(name)), **options
                ) as response:
                    body = await limited(response.iter_bytes(), _MOST_BYTES)
                    kind = response.headers.get("content-type", "")
                    return self._heard(body, kind, response.request_id)
            except APIStatusError as error:
                if not self._options.refused(error, options):
                    raise
            finally:
                file.close()

    def _chosen(self, languages: Sequence[str]) -> dict[str, object]:
        options: dict[str, object] = {}
        if self._options.allows("response_format", "json"):
            options["response_format"] = "json"
        if not languages:
            return options
        several = self.model.rpartition("/")[2].startswith("gpt-transcribe")
        if several and self._options.allows("languages", list(languages)):
            options["languages"] = list(languages)
        elif self._options.allows("language", languages[0]):
            options["language"] = languages[0]
        return options

    def _heard(self, body: bytes, kind: str, request_id: str | None) -> Heard:
        told = _told(body, kind)
        if told.get("error"):
            raise about_the_sound(failure_in_body(told["error"], usage(told.get("usage"))))
        if not isinstance(told.get("text"), str):
            raise CallFailed("failed", "no_text")
        words = text(told["text"]).strip()
        used = fields(told.get("usage"))
        tokens = usage(used)
        if tokens is None and used:
            tokens = Usage(0, 0, 0, used)
        return Heard(
            # Servers write a full stop or a few dots for silence.
            text=words if any(map(str.isalnum, words)) else "",
            seconds=_seconds(used.get("seconds")) or _seconds(told.get("duration")),
            usage=tokens,
            model=text(told.get("model")) or self.model,
            request_id=request_id,
        )


def _told(body: bytes, kind: str) -> Fields:
    """The answer as an object: compatible servers send plain text too."""
    whole = body.strip()
    essence = kind.partition(";")[0].strip().lower()
    if whole.startswith(b"{"):
        return decoded(whole)
    page = whole.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
    if page or essence == "text/html":
        # An error page of something in between; spoken words are never written so.
        raise CallFailed("failed", "bad_answer", whole[:80].decode("utf-8", "replace"))
    if essence == "text/plain":
        return {"text": whole.decode("utf-8", "replace")}
    if essence.endswith("json") or not whole:
        raise CallFailed("failed", "bad_answer")
    return {"text": whole.decode("utf-8", "replace")}


def _seconds(value: object) -> float | None:
    """Some servers write the number as a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
