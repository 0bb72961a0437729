"""A sound becomes words, whatever a transcription server makes of the request."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.errors import Misconfigured
from core.llm import Usage
from core.llm.failures import CallFailed
from core.speech import Heard
from core.speech.hearing import ServerHearing
from tests.unit.speech_server import KEY, SpeechServer, cut, error, hang, sound, speech_server


@pytest.fixture
async def server() -> AsyncIterator[SpeechServer]:
    async with speech_server() as running:
        yield running


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    path = tmp_path / "kept-without-extension"
    path.write_bytes(sound(2, "OGG", "OPUS"))
    return path


def hearing(server: SpeechServer, model: str = "gpt-transcribe") -> ServerHearing:
    return ServerHearing(api_key=KEY, base_url=server.url, model=model, connections=4)


async def heard(
    server: SpeechServer, sound: Path, model: str = "gpt-transcribe", name: str = "sound.ogg"
) -> Heard:
    client = hearing(server, model)
    try:
        return await client.hear(sound, name, ["ru", "en"])
    finally:
        await client.close()


async def refused(server: SpeechServer, sound: Path, **fields: Any) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await heard(server, sound, **fields)
    return caught.value


def reply(body: Any, **fields: Any) -> Callable[[], web.Response]:
    if isinstance(body, str):
        return lambda: web.Response(text=body, **fields)
    return lambda: web.json_response(body, **fields)


async def test_what_openai_is_asked_and_what_it_tells(server: SpeechServer, voice: Path) -> None:
    got = await heard(server, voice)
    assert (got.text, got.seconds, got.model) == ("Привет, мир.", 2, "gpt-transcribe")
    assert got.usage == Usage(0, 0, 0, {"type": "duration", "seconds": 2})
    (upload,) = server.uploads
    assert (upload.name, upload.mime) == ("sound.ogg", "audio/ogg")
    assert upload.content == voice.read_bytes()
    assert sorted(upload.fields) == [
        ("languages[]", "en"),
        ("languages[]", "ru"),
        ("model", "gpt-transcribe"),
        ("response_format", "json"),
    ]
    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


async def test_other_models_get_the_likeliest_language(server: SpeechServer, voice: Path) -> None:
    await heard(server, voice, "whisper-1")
    assert ("language", "ru") in server.uploads[0].fields
    assert not any(name.startswith("languages") for name, _ in server.uploads[0].fields)


async def test_no_language_known_is_none_sent(server: SpeechServer, voice: Path) -> None:
    client = hearing(server)
    await client.hear(voice, "sound.ogg", [])
    await client.close()
    assert not any(name.startswith("language") for name, _ in server.uploads[0].fields)


def fields(server: SpeechServer) -> list[set[str]]:
    return [{name.removesuffix("[]") for name, _ in upload.fields} for upload in server.uploads]


async def test_refused_parameters_are_left_out_from_then_on(
    server: SpeechServer, voice: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies = [
        reply({"detail": [{"loc": ["body", "languages"], "msg": "Extra inputs"}]}, status=422),
        lambda: error(400, "Unsupported parameter: language"),
        lambda: error(400, "response_format 'json' is not supported"),
        None,
    ]
    client = hearing(server)
    with caplog.at_level(logging.WARNING):
        assert (await client.hear(voice, "sound.ogg", ["ru", "en"])).text == "Привет, мир."
    await client.hear(voice, "sound.ogg", ["ru", "en"])
    await client.close()
    assert fields(server) == [
        {"model", "response_format", "languages"},
        {"model", "response_format", "language"},
        {"model", "response_format"},
        {"model"},
        {"model"},
    ]
    assert all(upload.content == voice.read_bytes() for upload in server.uploads)
    assert len(caplog.records) == 3


async def test_one_refused_language_does_not_silence_the_other(
    server: SpeechServer, voice: Path
) -> None:
    server.replies = [lambda: error(400, "Invalid language 'kk'", param="language"), None]
    client = hearing(server, "whisper-1")
    for language in ("kk", "ru", "kk"):
        await client.hear(voice, "sound.ogg", [language])
    await client.close()
    told = [dict(upload.fields).get("language") for upload in server.uploads]
    assert told == ["kk", None, "ru", None]


@pytest.mark.parametrize(
    ("body", "text", "seconds"),
    [
        ({"text": ""}, "", None),
        ({"text": " \n"}, "", None),
        ({"text": " . . . ♪ "}, "", None),
        ({"text": "Субтитры сделал кто-то"}, "Субтитры сделал кто-то", None),
        ({"text": "да\0", "duration": "8.47"}, "да", 8.47),
        ({"text": "да", "duration": True, "usage": None}, "да", None),
        ({"text": "да", "usage": {"type": "duration", "seconds": "NaN"}}, "да", None),
        ({"text": "да", "usage": "много"}, "да", None),
        ("да\n", "да", None),
        ("42", "42", None),
        ("", "", None),
    ],
)
async def test_answers_of_compatible_servers(
    server: SpeechServer, voice: Path, body: Any, text: str, seconds: float | None
) -> None:
    server.replies = [reply(body)]
    got = await heard(server, voice)
    assert (got.text, got.seconds) == (text, seconds)


async def test_tokens_and_the_model_as_the_server_tells_them(
    server: SpeechServer, voice: Path
) -> None:
    usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59}
    body = {"text": "да", "usage": usage, "model": "m-2"}
    server.replies = [reply(body, headers={"x-request-id": "req-7"})]
    got = await heard(server, voice)
    assert got.usage == Usage(14, 45, 59, usage)
    assert (got.seconds, got.model, got.request_id) == (None, "m-2", "req-7")


HTML = "<!doctype html><title>502</title>"


@pytest.mark.parametrize(
    ("make", "outcome", "code", "rejected"),
    [
        (lambda: web.Response(text=HTML, content_type="text/html"), "failed", "bad_answer", None),
        (reply("", content_type="application/json"), "failed", "bad_answer", None),
        (reply("null", content_type="application/json"), "failed", "bad_answer", None),
        (reply('{"text": "нач', content_type="application/json"), "failed", "bad_json", None),
        (reply({"words": 5}), "failed", "no_text", None),
        (reply({"error": "failed to read WAV file"}), "failed", "bad_audio", "request"),
        (reply({"error": {"message": "busy", "code": 503}}), "failed", "503", None),
        (lambda: error(400, "Invalid file format."), "failed", "bad_audio", "request"),
        (
            lambda: error(400, "Audio file might be corrupted or unsupported", param="file"),
            "failed",
            "bad_audio",
            "request",
        ),
        (
            lambda: error(400, "It is below 0.1 seconds", code="audio_too_short"),
            "failed",
            "bad_audio",
            "request",
        ),
        (
            lambda: error(400, "audio duration 1500 seconds is longer than 1400 seconds"),
            "failed",
            "too_large",
            "request",
        ),
        (lambda: error(400, "no"), "failed", "invalid_request_error", "request"),
        (lambda: web.Response(status=415), "failed", "bad_audio", "request"),
        (lambda: web.Response(status=413, text=HTML), "failed", "too_large", "request"),
        (lambda: error(401, "x", code="invalid_api_key"), "failed", "invalid_api_key", "key"),
        (lambda: web.Response(status=402), "failed", "http_402", "quota"),
        (lambda: error(429, "slow down", type="requests"), "failed", "requests", None),
        (lambda: web.Response(status=500), "failed", "http_500", None),
        (lambda: cut(b'{"text": "'), "cut", "connection_lost", None),
    ],
)  # fmt: skip
async def test_what_is_no_transcript_is_a_failure(
    server: SpeechServer,
    voice: Path,
    make: Callable[[], Any],
    outcome: str,
    code: str,
    rejected: str | None,
) -> None:
    server.replies = [make]
    failed = await refused(server, voice)
    assert (failed.outcome, failed.code, failed.rejected) == (outcome, code, rejected)
    assert len(server.uploads) == 1


async def test_what_openai_refuses(server: SpeechServer, tmp_path: Path, voice: Path) -> None:
    assert (await refused(server, voice, model="gone")).rejected == "model"
    assert (await refused(server, voice, name="sound.oga")).code == "bad_audio"
    vorbis = tmp_path / "vorbis"
    vorbis.write_bytes(sound(1, "OGG", "VORBIS"))
    assert (await refused(server, vorbis)).code == "bad_audio"
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(27_000_000)
    failed = await refused(server, large)
    assert (failed.code, failed.rejected, failed.spent) == ("too_large", "request", False)


async def test_an_endless_answer_is_not_read_to_its_end(server: SpeechServer, voice: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"a" * 65_536)

    server.replies = [lambda: endless]
    assert (await refused(server, voice)).code == "answer_too_long"


async def test_nobody_there(voice: Path) -> None:
    async with speech_server() as gone:
        pass
    failed = await refused(gone, voice)
    assert (failed.code, failed.spent, failed.rejected) == ("connection", False, None)


async def test_a_lost_sound_is_not_the_servers_fault(server: SpeechServer, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await heard(server, tmp_path / "gone")


async def test_cancelling_hangs_up(server: SpeechServer, voice: Path) -> None:
    server.replies = [lambda: hang]
    task = asyncio.create_task(heard(server, voice))
    await asyncio.wait_for(server.asked.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.left.wait(), 10)


def test_settings_that_cannot_work() -> None:
    with pytest.raises(Misconfigured, match="STT_API_KEY"):
        ServerHearing(api_key=None, base_url=None, model="gpt-transcribe", connections=1)
    with pytest.raises(Misconfigured, match="STT_BASE_URL"):
        ServerHearing(api_key=KEY, base_url="nonsense", model="m", connections=1)
    assert hearing_at("http://whisper.example:8000/v1").provider == "whisper.example"
    assert hearing_at("https://api.openai.com/v1").provider == "openai"


def hearing_at(url: str) -> ServerHearing:
    return ServerHearing(api_key=KEY, base_url=url, model="m", connections=1)


MEASURE = """
import asyncio, resource, sys
from pathlib import Path
from core.speech.hearing import ServerHearing

async def main(url, small, large):
    client = ServerHearing(api_key="k", base_url=url, model="gpt-transcribe", connections=1)
    await client.hear(Path(small), "sound.ogg", ["ru"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await client.hear(Path(large), "sound.wav", ["ru"])
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    await client.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_large_sound_goes_from_the_disk_to_the_server_in_pieces(
    server: SpeechServer, voice: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"RIFF" + bytes(20_000_000))
    command = [sys.executable, "-c", MEASURE, server.url, str(voice), str(large)]
    run = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=100)
    assert run.returncode == 0, run.stderr.decode()
    assert server.uploads[1].size == 20_000_004
    print(f"grown by {run.stdout.decode().strip()} KiB")
    assert int(run.stdout) < 6_000
