"""Every attempt at hearing and at speaking leaves one row, however it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.errors import ModelDown, ModelRejected, Unavailable
from core.llm.failures import CallFailed
from core.llm.retrying import Deadlines, repeated
from core.speech import Heard, Spoken
from core.speech.hearing import ServerHearing
from core.speech.realtime import RealtimeVoice
from core.speech.speaking import SpeechEndpoint
from core.tokenscount import flush, hear_and_log, speak_and_log
from tests.unit.llm_server import FakeDatabase
from tests.unit.speech_server import (
    KEY,
    USAGE,
    SpeechServer,
    error,
    hang,
    hum,
    sound,
    speech_server,
)

META = {"module": "vision", "purpose": "hearing", "visionid": "v-1"}
TEXT = "Доброе утро."


@pytest.fixture
async def server() -> AsyncIterator[SpeechServer]:
    async with speech_server() as running:
        yield running


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    path = tmp_path / "sound"
    path.write_bytes(sound(2, "OGG", "OPUS"))
    return path


async def hear(server: SpeechServer, db: FakeDatabase, voice: Path, **fields: Any) -> Heard:
    client = ServerHearing(api_key=KEY, base_url=server.url, model="gpt-transcribe", connections=2)
    arguments: dict[str, Any] = {
        "clientid": "u-1",
        "clienttype": "user",
        "sound": voice,
        "name": "sound.ogg",
        "languages": ["ru"],
        "seconds_hint": 2.4,
        "meta": META,
        "seconds": 60,
    }
    try:
        return await hear_and_log(db=db, client=client, **{**arguments, **fields})
    finally:
        await client.close()


async def speak(
    db: FakeDatabase, client: SpeechEndpoint | RealtimeVoice, seconds: float = 60
) -> Spoken:
    try:
        return await speak_and_log(
            db=db,
            client=client,
            clientid="u-1",
            clienttype="user",
            text=TEXT,
            language="ru",
            meta={"purpose": "speaking"},
            seconds=seconds,
        )
    finally:
        await client.close()


def endpoint(server: SpeechServer) -> SpeechEndpoint:
    return SpeechEndpoint(
        api_key=KEY, base_url=server.url, model="tts-x", voice="marin", connections=2
    )


def realtime(server: SpeechServer) -> RealtimeVoice:
    model = "gpt-realtime-2.1-mini"
    return RealtimeVoice(api_key=KEY, base_url=server.url, model=model, voice="marin")


def only(db: FakeDatabase) -> dict[str, Any]:
    (row,) = db.rows
    assert row.pop("call_key")
    assert row["meta"].pop("latency_ms") >= 0
    return row


async def test_the_row_of_a_sound_that_was_heard(server: SpeechServer, voice: Path) -> None:
    db = FakeDatabase()
    body = {"text": "да", "usage": {"type": "duration", "seconds": 2}, "model": "m-2"}
    server.replies = [lambda: web.json_response(body, headers={"x-request-id": "req-7"})]
    assert (await hear(server, db, voice, attempt=3)).text == "да"
    assert only(db) == {
        "clientid": "u-1",
        "clienttype": "user",
        "provider": "127.0.0.1",
        "model": "m-2",
        "prompttokens": 0,
        "completiontokens": 0,
        "totaltokens": 0,
        "rawusage": {"type": "duration", "seconds": 2},
        "meta": {
            **META,
            "attempt": 3,
            "requested_model": "gpt-transcribe",
            "request_id": "req-7",
            "outcome": "ok",
            "finish": "stop",
            "audio_seconds": 2,
            "estimated": False,
        },
    }


async def test_tokens_are_counted_and_the_hint_stands_for_untold_seconds(
    server: SpeechServer, voice: Path
) -> None:
    db = FakeDatabase()
    usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59}
    server.replies = [lambda: web.json_response({"text": "да", "usage": usage})]
    await hear(server, db, voice)
    row = only(db)
    assert (row["prompttokens"], row["completiontokens"], row["totaltokens"]) == (14, 45, 59)
    assert (row["meta"]["audio_seconds"], row["meta"]["estimated"]) == (2.4, True)


async def test_an_unclear_sound_was_heard_and_costs(server: SpeechServer, voice: Path) -> None:
    db = FakeDatabase()
    server.replies = [lambda: web.json_response({"text": "..."})]
    assert (await hear(server, db, voice)).text == ""
    assert only(db)["meta"]["outcome"] == "ok"


async def test_a_refused_sound_costs_nothing(server: SpeechServer, voice: Path) -> None:
    db = FakeDatabase()
    server.replies = [lambda: error(400, "The audio file could not be decoded")]
    with pytest.raises(CallFailed):
        await hear(server, db, voice)
    meta = only(db)["meta"]
    assert (meta["outcome"], meta["error_code"]) == ("failed", "bad_audio")
    assert (meta["audio_seconds"], meta["estimated"]) == (0, False)


async def test_the_deadline_of_an_attempt(server: SpeechServer, voice: Path) -> None:
    db = FakeDatabase()
    server.replies = [lambda: hang]
    with pytest.raises(CallFailed) as caught:
        await hear(server, db, voice, seconds=0.3, seconds_hint=None)
    assert (caught.value.outcome, caught.value.code, caught.value.rejected) == (
        "timeout",
        "total",
        None,
    )
    meta = only(db)["meta"]
    assert (meta["outcome"], meta["error_code"]) == ("timeout", "total")
    assert (meta["audio_seconds"], meta["estimated"]) == (0, True)


async def test_a_stopped_hearing_is_counted(server: SpeechServer, voice: Path) -> None:
    db = FakeDatabase()
    server.replies = [lambda: hang]
    task = asyncio.create_task(hear(server, db, voice))
    await asyncio.wait_for(server.asked.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    meta = only(db)["meta"]
    assert (meta["outcome"], meta["audio_seconds"]) == ("stopped", 2.4)
    assert "error_code" not in meta


async def test_a_bug_is_counted_and_seen(server: SpeechServer, tmp_path: Path) -> None:
    db = FakeDatabase()
    with pytest.raises(FileNotFoundError):
        await hear(server, db, tmp_path / "gone")
    assert only(db)["meta"]["error_code"] == "FileNotFoundError"


async def test_the_row_of_a_spoken_text(server: SpeechServer) -> None:
    db = FakeDatabase()
    spoken = await speak(db, endpoint(server))
    row = only(db)
    assert row["rawusage"] == {}
    assert (row["model"], row["totaltokens"]) == ("tts-x", 0)
    assert row["meta"] == {
        "purpose": "speaking",
        "attempt": 1,
        "voice": "marin",
        "characters": len(TEXT),
        "bytes": len(spoken.ogg),
        "audio_seconds": 1,
        "requested_model": "tts-x",
        "outcome": "ok",
        "finish": "stop",
        "estimated": False,
    }


async def test_a_realtime_voice_is_counted_in_tokens(server: SpeechServer) -> None:
    db = FakeDatabase()
    await speak(db, realtime(server))
    row = only(db)
    assert (row["prompttokens"], row["completiontokens"], row["totaltokens"]) == (132, 121, 253)
    assert row["rawusage"] == USAGE
    assert (row["meta"]["request_id"], row["meta"]["audio_seconds"]) == ("resp_7", 2)


async def test_a_failed_voice_is_counted_with_what_it_cost(server: SpeechServer) -> None:
    async def chatty(socket: web.WebSocketResponse) -> None:
        await hum(socket, 1)
        await socket.send_json(
            {"type": "response.done", "response": {"status": "incomplete", "usage": USAGE}}
        )

    server.realtime = chatty
    db = FakeDatabase()
    with pytest.raises(CallFailed):
        await speak(db, realtime(server))
    row = only(db)
    assert (row["totaltokens"], row["meta"]["outcome"]) == (253, "cut")
    assert row["meta"]["characters"] == len(TEXT)
    assert "bytes" not in row["meta"]


@pytest.mark.parametrize("make", [endpoint, realtime])
async def test_a_voice_that_hangs_meets_its_deadline(server: SpeechServer, make: Any) -> None:
    async def silent(socket: web.WebSocketResponse) -> None:
        await asyncio.Event().wait()

    if make is endpoint:
        server.replies = [lambda: hang]
    server.realtime = silent
    db = FakeDatabase()
    with pytest.raises(CallFailed):
        await speak(db, make(server), seconds=0.5)
    meta = only(db)["meta"]
    assert (meta["outcome"], meta["error_code"]) == ("timeout", "total")


@pytest.mark.parametrize("make", [endpoint, realtime])
async def test_a_stopped_voice_is_counted(server: SpeechServer, make: Any) -> None:
    async def silent(socket: web.WebSocketResponse) -> None:
        await asyncio.Event().wait()

    if make is endpoint:
        server.replies = [lambda: hang]
    server.realtime = silent
    db = FakeDatabase()
    task = asyncio.create_task(speak(db, make(server)))
    await asyncio.wait_for(server.asked.wait(), 30)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert only(db)["meta"]["outcome"] == "stopped"


async def test_a_database_that_is_away_delays_the_row_and_not_the_words(
    server: SpeechServer, voice: Path
) -> None:
    db = FakeDatabase(Unavailable("away"))
    assert (await hear(server, db, voice)).text == "Привет, мир."
    await flush(30)
    assert len(db.rows) == 1


async def test_no_words_in_the_log(
    server: SpeechServer, voice: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await hear(server, FakeDatabase(), voice)
        await speak(FakeDatabase(), endpoint(server))
        await speak(FakeDatabase(), realtime(server))
    assert "hearing purpose=hearing model=gpt-transcribe outcome=ok" in caplog.text
    for secret in ("Привет", TEXT, KEY):
        assert secret not in caplog.text


# The whole way: retries over real calls, one row for each.

QUICK = Deadlines(first_token=20, gap=20, total=60, tries=3, pause=0.001)


async def heard_at_last(server: SpeechServer, db: FakeDatabase, voice: Path) -> Heard:
    async def call(attempt: int, seconds: float) -> Heard:
        return await hear(server, db, voice, attempt=attempt, seconds=seconds)

    return await repeated(call, QUICK)


def outcomes(db: FakeDatabase) -> list[tuple[int, str]]:
    return [(row["meta"]["attempt"], row["meta"]["outcome"]) for row in db.rows]


async def test_a_failed_hearing_is_made_again_with_the_same_sound(
    server: SpeechServer, voice: Path
) -> None:
    db = FakeDatabase()
    server.replies = [lambda: web.Response(status=503), None]
    assert (await heard_at_last(server, db, voice)).text == "Привет, мир."
    assert outcomes(db) == [(1, "failed"), (2, "ok")]
    assert [upload.size for upload in server.uploads] == [voice.stat().st_size] * 2


async def test_tries_end(server: SpeechServer, voice: Path) -> None:
    db = FakeDatabase()
    server.replies = [lambda: web.Response(status=503)]
    with pytest.raises(ModelDown, match="3 tries"):
        await heard_at_last(server, db, voice)
    assert outcomes(db) == [(1, "failed"), (2, "failed"), (3, "failed")]


async def test_a_bad_sound_is_sent_once_and_known_by_its_name(
    server: SpeechServer, voice: Path
) -> None:
    server.replies = [lambda: error(400, "Invalid file format.")]
    with pytest.raises(ModelRejected) as caught:
        await heard_at_last(server, FakeDatabase(), voice)
    cause = caught.value.__cause__
    assert isinstance(cause, CallFailed)
    assert (caught.value.kind, cause.code, len(server.uploads)) == ("request", "bad_audio", 1)
