"""A realtime voice over a real WebSocket reads a text aloud, or says why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from core.llm import Usage
from core.llm.failures import CallFailed
from core.llm.prompts import prompt
from core.speech import Spoken
from core.speech.faithfulness import reworded
from core.speech.ogg import is_opus
from core.speech.realtime import RealtimeVoice
from tests.unit.speech_server import (
    KEY,
    USAGE,
    SpeechServer,
    done,
    error,
    event,
    hum,
    refuse,
    say,
    speech_server,
)

TEXT = "Доброе утро. Сегодня самое время сделать первый шаг к дому у моря."


@pytest.fixture
async def server() -> AsyncIterator[SpeechServer]:
    async with speech_server() as running:
        yield running


async def spoken(server: SpeechServer, language: str = "ru", **fields: Any) -> Spoken:
    settings = {"api_key": KEY, "model": "gpt-realtime-2.1-mini", "voice": "marin", **fields}
    client = RealtimeVoice(base_url=server.url, **settings)
    try:
        return await client.speak(TEXT, language)
    finally:
        await client.close()


async def failed(server: SpeechServer, **fields: Any) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        await spoken(server, **fields)
    return caught.value


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_a_text_is_handed_over_to_be_read(server: SpeechServer, language: str) -> None:
    got = await spoken(server, language)
    assert is_opus(got.ogg)
    assert (got.seconds, got.usage) == (2, Usage(132, 121, 253, USAGE))
    assert (got.model, got.request_id) == ("gpt-realtime-2.1-mini", "resp_7")
    session, item, create = server.events
    assert session == {
        "type": "session.update",
        "session": {
            "type": "realtime",
            "output_modalities": ["audio"],
            "instructions": prompt("read_aloud", language),
            "audio": {
                "output": {"format": {"type": "audio/pcm", "rate": 24_000}, "voice": "marin"}
            },
        },
    }
    content = [{"type": "input_text", "text": TEXT}]
    assert item["item"] == {"type": "message", "role": "user", "content": content}
    assert create == {"type": "response.create"}
    await asyncio.wait_for(server.left.wait(), 10)


async def test_the_session_tells_the_model_that_really_speaks(server: SpeechServer) -> None:
    async def dated(socket: web.WebSocketResponse) -> None:
        await event(socket, "session.updated", session={"model": "gpt-realtime-2.1-mini-2026-09"})
        await say(socket)

    server.realtime = dated
    assert (await spoken(server)).model == "gpt-realtime-2.1-mini-2026-09"


async def test_servers_of_the_older_dialect_and_without_usage(server: SpeechServer) -> None:
    async def old(socket: web.WebSocketResponse) -> None:
        await event(socket, "response.audio.delta", delta="AAAA" * 4_000)
        await event(socket, "something.new", surprise=[1])
        await event(socket, "response.done", response={"status": "completed"})

    server.realtime = old
    got = await spoken(server)
    assert (got.seconds, got.usage, got.request_id) == (0.25, None, None)


Talk = Callable[[web.WebSocketResponse], Awaitable[None]]


def ends(status: str, pieces: float = 1, **details: Any) -> Talk:
    async def talk(socket: web.WebSocketResponse) -> None:
        await hum(socket, pieces)
        await done(socket, status, status_details={"type": status, **details})

    return talk


def sends(data: str | bytes) -> Talk:
    async def talk(socket: web.WebSocketResponse) -> None:
        await (socket.send_str(data) if isinstance(data, str) else socket.send_bytes(data))

    return talk


QUOTA = ("failed", "insufficient_quota", "quota")
BROKEN = '{"type": "response.output_audio.delta", "delta": "???"}'


async def rude(socket: web.WebSocketResponse) -> None:
    await hum(socket)
    await socket.close(code=4_000, message=b"session expired")


async def polite(socket: web.WebSocketResponse) -> None:
    await hum(socket)
    await socket.close()


async def busy(socket: web.WebSocketResponse) -> None:
    await refuse(socket, "slow down", type="server_error", code="rate_limit_exceeded")


async def no_sound(socket: web.WebSocketResponse) -> None:
    await done(socket)


@pytest.mark.parametrize(
    ("talk", "outcome", "code", "rejected", "paid"),
    [
        (rude, "cut", "connection_lost", None, False),
        (polite, "cut", "connection_lost", None, False),
        (busy, "failed", "rate_limit_exceeded", None, False),
        (no_sound, "failed", "empty_answer", None, True),
        (ends("incomplete", reason="max_output_tokens"), "cut", "max_output_tokens", None, True),
        (ends("incomplete", reason="content_filter"), "failed", "content_filter", "request", True),
        (ends("cancelled", reason="turn_detected"), "cut", "turn_detected", None, True),
        (ends("failed", error={"code": "insufficient_quota"}), *QUOTA, True),
        (ends("failed", 0, error={"type": "server_error"}), "failed", "server_error", None, True),
        (ends("failed"), "failed", "server_error", None, True),
        (sends("not json"), "failed", "bad_json", None, False),
        (sends("[1]"), "failed", "bad_json", None, False),
        (sends(BROKEN), "failed", "protocol", None, False),
        (sends(b"x" * 5_000_000), "cut", "connection_lost", None, False),
    ],
)  # fmt: skip
async def test_what_ends_otherwise_is_a_failure(
    server: SpeechServer, talk: Talk, outcome: str, code: str, rejected: str | None, paid: bool
) -> None:
    server.realtime = talk
    told = await failed(server)
    assert (told.outcome, told.code, told.rejected) == (outcome, code, rejected)
    assert (told.usage is not None, told.request_id == "resp_7") == (paid, paid)


async def test_a_voice_that_does_not_exist(server: SpeechServer) -> None:
    told = await failed(server, voice="nobody")
    assert (told.code, told.rejected) == ("invalid_value", "request")
    assert "nobody" in told.detail


async def test_a_refused_handshake(server: SpeechServer) -> None:
    told = await failed(server, api_key="sk-wrong")
    assert (told.code, told.rejected, told.spent) == ("invalid_api_key", "key", False)
    server.replies = [lambda: error(404, "x", code="model_not_found")]
    assert (await failed(server)).rejected == "model"
    server.replies = [lambda: web.Response(status=429, headers={"retry-after": "7"})]
    told = await failed(server)
    assert (told.code, told.rejected, told.retry_after) == ("http_429", None, 7)
    server.replies = [lambda: web.Response(text="<html>", content_type="text/html")]
    assert (await failed(server)).rejected == "request"


async def test_nobody_there() -> None:
    async with speech_server() as gone:
        pass
    told = await failed(gone)
    assert (told.outcome, told.code, told.spent) == ("failed", "connection", False)


async def test_cancelling_hangs_up(server: SpeechServer) -> None:
    async def never(socket: web.WebSocketResponse) -> None:
        await hum(socket)

    server.realtime = never
    task = asyncio.create_task(spoken(server))
    await asyncio.wait_for(server.asked.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.left.wait(), 10)


# It may only read.


async def test_an_answer_in_place_of_a_reading_is_thrown_away(server: SpeechServer) -> None:
    async def chatty(socket: web.WebSocketResponse) -> None:
        words = ["И вам доброе утро! ", "Конечно, давайте обсудим, ", "с чего бы вам начать."]
        await hum(socket, 1, words)
        await done(socket)

    server.realtime = chatty
    told = await failed(server)
    assert (told.outcome, told.code, told.rejected) == ("failed", "reworded", None)
    assert told.usage == Usage(132, 121, 253, USAGE)


async def test_a_faithful_reading_passes(server: SpeechServer) -> None:
    async def reads(socket: web.WebSocketResponse) -> None:
        await hum(socket, 1, TEXT.replace("первый", "1-й").upper().partition("самое"))
        await done(socket)

    server.realtime = reads
    assert is_opus((await spoken(server)).ogg)


WORDS = st.lists(st.text("абвёжщъюяeinz", min_size=1, max_size=6), max_size=60)


@given(WORDS, st.data())
def test_hearing_a_fifth_of_the_words_differently_is_still_reading(
    words: list[str], data: st.DataObject
) -> None:
    heard = list(words)
    for _ in range(len(words) // 5):
        heard[data.draw(st.integers(0, len(words) - 1))] = "—"
    assert not reworded(" ".join(words), ", ".join(heard).upper())


def test_a_text_of_numbers_or_without_a_transcript_is_not_judged() -> None:
    assert not reworded("5 + 7 = 12, 8 + 9 = 17", "пять плюс семь равно двенадцать и так далее")
    assert not reworded(TEXT, "")
    assert reworded(TEXT, "Извините, с этим я помочь не могу.")
