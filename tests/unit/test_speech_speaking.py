"""Words become OGG/Opus, whatever a speech server sends instead of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from core.errors import Misconfigured
from core.llm.failures import CallFailed
from core.speech import Spoken
from core.speech.client import open_speaking
from core.speech.ogg import is_opus
from core.speech.realtime import RealtimeVoice
from core.speech.speaking import SpeechEndpoint
from tests.unit.speech_server import (
    KEY,
    SpeechServer,
    cut,
    error,
    frequency,
    hang,
    sound,
    speech_server,
    tone,
)

HTML = "<html><title>502</title></html>"


@pytest.fixture
async def server() -> AsyncIterator[SpeechServer]:
    async with speech_server() as running:
        yield running


def speaking(server: SpeechServer) -> SpeechEndpoint:
    return SpeechEndpoint(
        api_key=KEY, base_url=server.url, model="tts-x", voice="marin", connections=4
    )


async def spoken(server: SpeechServer) -> Spoken:
    client = speaking(server)
    try:
        return await client.speak("Доброе утро.", "ru")
    finally:
        await client.close()


def bytes_of(body: bytes, mime: str = "application/octet-stream") -> Callable[[], web.Response]:
    return lambda: web.Response(body=body, content_type=mime, headers={"x-request-id": "req-7"})


async def test_what_is_asked_and_what_comes(server: SpeechServer) -> None:
    body = sound(2, "OGG", "OPUS")
    server.replies = [bytes_of(body)]
    got = await spoken(server)
    assert got == Spoken(body, 2.0, None, "tts-x", "req-7")
    asked = {"model": "tts-x", "voice": "marin", "input": "Доброе утро."}
    assert server.spoken == [{**asked, "response_format": "opus"}]


@pytest.mark.parametrize(
    ("format", "subtype", "rate", "mime"),
    [
        ("MP3", None, 24_000, "audio/mpeg"),
        ("MP3", None, 44_100, "audio/mpeg"),
        ("WAV", "PCM_16", 24_000, "audio/wav"),
        ("WAV", "PCM_24", 22_050, "audio/ogg"),
        ("FLAC", None, 48_000, ""),
        ("OGG", "VORBIS", 24_000, "audio/ogg"),
    ],
)
async def test_other_formats_become_opus(
    server: SpeechServer, format: str, subtype: str | None, rate: int, mime: str
) -> None:
    body = sound(1.5, format, subtype, rate)
    server.replies = [bytes_of(body, mime or "application/octet-stream")]
    got = await spoken(server)
    assert is_opus(got.ogg)
    assert got.seconds == pytest.approx(1.5, abs=0.1)  # MP3 pads its ends
    assert frequency(got.ogg) == pytest.approx(440, abs=3)


async def test_pcm_is_known_by_its_declared_type(server: SpeechServer) -> None:
    server.replies = [bytes_of(tone(1), "audio/pcm")]
    got = await spoken(server)
    assert got.seconds == 1
    assert frequency(got.ogg) == pytest.approx(440, abs=3)


async def test_a_refused_format_is_asked_for_once(server: SpeechServer) -> None:
    mp3 = sound(1, "MP3")
    server.replies = [
        lambda: error(400, "Only mp3 is possible", param="response_format"),
        bytes_of(mp3, "audio/mpeg"),
    ]
    client = speaking(server)
    for _ in range(2):
        assert is_opus((await client.speak("Да.", "ru")).ogg)
    await client.close()
    assert ["response_format" in asked for asked in server.spoken] == [True, False, False]


@pytest.mark.parametrize(
    ("make", "outcome", "code", "rejected"),
    [
        (lambda: web.Response(text=HTML, content_type="text/html"), "failed", "bad_answer", None),
        (bytes_of(b"  <!doctype html>"), "failed", "bad_answer", None),
        (bytes_of(b""), "failed", "empty_answer", None),
        (bytes_of(b'{"error": {"code": "overloaded"}}'), "failed", "overloaded", None),
        (bytes_of(b'{"detail": "no such voice"}'), "failed", "server_error", None),
        (bytes_of(b"\0\0\0\x20ftypM4A "), "failed", "unplayable_sound", "request"),
        (bytes_of(b"RIFF\0\0\0\0WAVEfmt rubbish"), "failed", "broken_sound", None),
        (bytes_of(sound(0, "WAV")), "failed", "empty_answer", None),
        (bytes_of(sound(2, "OGG", "OPUS")[:-9]), "cut", "sound_cut", None),
        (lambda: cut(sound(2, "OGG", "OPUS")[:900]), "cut", "connection_lost", None),
        (lambda: error(404, "x", code="model_not_found"), "failed", "model_not_found", "model"),
        (lambda: error(400, "no such voice", param="voice"), "failed", None, "request"),
        (lambda: web.Response(status=503), "failed", "http_503", None),
    ],
)
async def test_what_is_no_sound_is_a_failure(
    server: SpeechServer, make: Callable[[], Any], outcome: str, code: str, rejected: str | None
) -> None:
    server.replies = [make]
    with pytest.raises(CallFailed) as caught:
        await spoken(server)
    failed = caught.value
    assert (failed.outcome, failed.rejected) == (outcome, rejected)
    assert code is None or failed.code == code
    assert len(server.spoken) == 1


async def test_cancelling_hangs_up(server: SpeechServer) -> None:
    server.replies = [lambda: hang]
    task = asyncio.create_task(spoken(server))
    await asyncio.wait_for(server.asked.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.left.wait(), 10)


# Which way to speak.


def opened(**fields: Any) -> SpeechEndpoint | RealtimeVoice:
    return open_speaking(
        **{"api_key": KEY, "model": "gpt-realtime-2.1-mini", "voice": "marin", **fields}
    )


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, RealtimeVoice),
        ({"model": "gpt-4o-mini-tts"}, SpeechEndpoint),
        ({"base_url": "http://kokoro.example:8880/v1", "model": "kokoro"}, SpeechEndpoint),
        ({"base_url": "http://proxy.example/v1"}, SpeechEndpoint),
        ({"base_url": "http://proxy.example/v1", "api": "realtime"}, RealtimeVoice),
        ({"base_url": "https://api.openai.com/v1", "api": "realtime"}, RealtimeVoice),
        ({"base_url": "http://proxy.example/v1", "api_key": None}, SpeechEndpoint),
    ],
)
def test_auto_is_realtime_for_openai_alone(fields: dict[str, Any], kind: type) -> None:
    assert type(opened(**fields)) is kind


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": ""}, "TTS_MODEL"),
        ({"voice": ""}, "TTS_VOICE"),
        ({"api_key": None}, "TTS_API_KEY"),
        ({"base_url": "nonsense"}, "TTS_BASE_URL"),
        ({"api": "realtime", "model": "tts-1"}, "tts-1 is no realtime model"),
        ({"api": "speech"}, "needs TTS_API=realtime"),
    ],
)
def test_settings_that_cannot_work_are_said_in_a_line(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        opened(**fields)


def test_the_end_of_the_endpoint_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        opened(model="tts-1")
    assert "2027-01-06" in caplog.text
