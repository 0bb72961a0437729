"""`/v1/audio/transcriptions`: read as strictly as OpenAI reads, answered with prepared words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.playground.model_conduct import ScriptedModel
from bot.playground.model_http import check_model, reply, reply_headers, serve
from bot.playground.model_refusals import ModelRefusal, missing, unknown, unsupported
from bot.playground.shapes import Json
from bot.playground.sound import SoundProbe
from bot.playground.words import words

ENDPOINT = "transcriptions"
SIZE_LIMIT = 25 << 20
FIELD_LIMIT = 64 << 10
EXTENSIONS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
SINGLE = frozenset(
    [
        *("model", "language", "prompt", "response_format", "temperature", "stream"),
        *("chunking_strategy", "timestamp_granularities"),
    ]
)
LISTS = frozenset({"languages", "keywords", "include", "timestamp_granularities"})
LANGUAGE = re.compile(r"[a-z]{2,3}")
# Which parameters only one family of models takes.
NEWEST = "gpt-transcribe"
NEWEST_ALONE = ("languages", "keywords")
OLDER = ("whisper", "gpt-4o")


@dataclass(slots=True)
class Upload:
    name: str = ""
    probe: SoundProbe | None = None
    single: dict[str, str] = field(default_factory=dict[str, str])
    lists: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


class HearingApi:
    def __init__(self, model: ScriptedModel) -> None:
        self._model = model

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/audio/transcriptions", self.transcribe)

    async def transcribe(self, request: web.Request) -> web.StreamResponse:
        return await serve(self._model, ENDPOINT, request, self._hear)

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        upload = await _read(request)
        probe = _checked(upload)
        model = self._model
        model.journal.note_sound(ENDPOINT, _noted(upload, probe))
        conduct = model.conduct
        model.fail_if_due(ENDPOINT)
        await model.think(ENDPOINT, conduct.first_token, conduct.hearing)
        text = conduct.transcript
        language = _language(upload)
        if text is None:
            text = "" if probe.silent else prepared_transcript(probe.sha256, language)
        model.journal.count_heard(probe.sha256)
        if upload.single.get("response_format") == "text":
            return web.Response(text=f"{text}\n", headers=reply_headers())
        return reply(_transcription(text, language, upload.single["model"], probe.seconds))


def prepared_transcript(sha256: str, language: str) -> str:
    """The same sound always says the same."""
    prepared: list[str] = words(language)["transcripts"]
    return prepared[int(sha256[:8], 16) % len(prepared)]


async def _read(request: web.Request) -> Upload:
    if request.content_type != "multipart/form-data":
        raise ModelRefusal(
            400,
            f"Unsupported content type: '{request.content_type}'.",
            code="unsupported_content_type",
        )
    upload = Upload()
    try:
        parts = await request.multipart()
        while (part := await parts.next()) is not None:
            if not isinstance(part, BodyPartReader) or not part.name:
                raise ModelRefusal(400, "Could not parse multipart form")
            await _take(part, part.name, upload)
    except (ValueError, AssertionError):
        raise ModelRefusal(400, "Could not parse multipart form") from None
    return upload


async def _take(part: BodyPartReader, name: str, upload: Upload) -> None:
    if name == "file":
        if part.filename is None:
            raise ModelRefusal(400, "Invalid type for 'file': expected a file.", param="file")
        upload.name = part.filename
        upload.probe = await _probe(part)
        return
    value = await _text(part)
    plain = name.removesuffix("[]")
    if plain in LISTS:
        upload.lists.setdefault(plain, []).append(value)
    elif name in SINGLE:
        upload.single[name] = value
    else:
        raise unknown(name)


async def _probe(part: BodyPartReader) -> SoundProbe:
    probe = SoundProbe()
    while chunk := await part.read_chunk(1 << 16):
        probe.feed(bytes(chunk))
        if probe.size > SIZE_LIMIT:
            raise ModelRefusal(
                413,
                f"Maximum content size limit ({SIZE_LIMIT}) exceeded ({probe.size} bytes read)",
            )
    return probe


async def _text(part: BodyPartReader) -> str:
    value = b""
    while chunk := await part.read_chunk():
        value += chunk
        if len(value) > FIELD_LIMIT:
            raise ModelRefusal(413, "Request Entity Too Large")
    return value.decode("utf-8", "replace")


def _checked(upload: Upload) -> SoundProbe:
    probe = upload.probe
    model = upload.single.get("model", "")
    for name, value in (("file", probe), ("model", model)):
        if not value:
            raise missing(name)
    check_model(model)
    _check_options(model, upload)
    if probe is None or probe.size == 0:
        raise ModelRefusal(
            400,
            "Audio file is too short. Minimum audio length is 0.1 seconds.",
            param="file",
            code="audio_too_short",
        )
    if upload.name.rpartition(".")[2].lower() not in EXTENSIONS:
        raise ModelRefusal(
            400, f"Invalid file format. Supported formats: {list(EXTENSIONS)}", param="file"
        )
    if probe.container is None:
        raise ModelRefusal(
            400,
            "The audio file could not be decoded or its format is not supported.",
            param="file",
            code="invalid_value",
        )
    return probe


def _check_options(model: str, upload: Upload) -> None:
    given = upload.single.keys() | upload.lists.keys()
    refused: tuple[str, ...] = ()
    if model.startswith(NEWEST):
        refused = ("language",)
    elif model.startswith(OLDER):
        refused = NEWEST_ALONE
    for name in refused:
        if name in given:
            raise unsupported(name)
    hints = [("languages", code) for code in upload.lists.get("languages", [])]
    if "language" in upload.single:
        hints.append(("language", upload.single["language"]))
    for name, code in hints:
        if not LANGUAGE.fullmatch(code):
            raise ModelRefusal(
                400,
                f"Invalid language '{code}'. Language parameter must be specified in ISO-639-1 "
                "format.",
                param=name,
                code="invalid_language_format",
            )
    wanted = upload.single.get("response_format", "json")
    if wanted not in {"json", "text"}:
        raise ModelRefusal(
            400,
            f"response_format '{wanted}' is not compatible with model '{model}'.",
            param="response_format",
            code="unsupported_value",
        )


def _language(upload: Upload) -> str:
    """Of the prepared words: by the first hint, Russian for what has no words here."""
    hints = upload.lists.get("languages") or [upload.single.get("language", "")]
    return "en" if hints[0] == "en" else "ru"


def _noted(upload: Upload, probe: SoundProbe) -> Json:
    asked: dict[str, Any] = {**upload.single, **upload.lists}
    seconds = round(probe.seconds, 2)
    return asked | {
        "file": {
            "name": upload.name,
            "size": probe.size,
            "sha256": probe.sha256,
            "seconds": seconds,
        }
    }


def _transcription(text: str, language: str, model: str, seconds: float) -> Json:
    answer: Json = {"text": text, "usage": {"type": "duration", "seconds": round(seconds, 2)}}
    if model.startswith(NEWEST):
        answer["languages"] = [{"code": language}] if text else []
    return answer
