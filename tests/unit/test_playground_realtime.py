"""A real OpenAI client reads texts aloud with the scripted realtime voice."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
import websockets
from openai import AsyncOpenAI
from openai.types.realtime import RealtimeServerEvent
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.playground import Playground
from bot.playground.model_conduct import Conduct
from tests.unit.model_ground import client, ground

__all__ = ["client", "ground"]

MODEL = "gpt-realtime-2.1-mini"
TEXT = "Сегодня достаточно одного шага. " * 2
PCM = {"type": "audio/pcm", "rate": 24_000}


async def ask(connection: Any, text: str = TEXT, voice: str = "cedar") -> None:
    audio = {"output": {"format": PCM, "voice": voice}}
    session = {"type": "realtime", "output_modalities": ["audio"], "audio": audio}
    await connection.session.update(session=session)
    await say(connection, text)


async def say(connection: Any, text: str) -> None:
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": content}
    )
    await connection.response.create()


async def until_done(connection: Any) -> list[RealtimeServerEvent]:
    events: list[RealtimeServerEvent] = []
    while not events or events[-1].type not in {"response.done", "error"}:
        events.append(await connection.recv())
    return events


async def test_a_text_is_read_aloud(ground: Playground, client: AsyncOpenAI) -> None:
    async with client.realtime.connect(model=MODEL) as connection:
        await ask(connection)
        events = await until_done(connection)
        await say(connection, "Ещё")
        again = await until_done(connection)
    kinds = list(dict.fromkeys(event.type for event in events))
    assert kinds == [
        "session.created",
        "session.updated",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.done",
    ]
    assert len({event.event_id for event in events}) == len(events)
    sound = b"".join(
        base64.b64decode(event.delta)
        for event in events
        if event.type == "response.output_audio.delta"
    )
    assert len(sound) / 2 / 24_000 == pytest.approx(len(TEXT) / 15, abs=0.3)
    words = [e.delta for e in events if e.type == "response.output_audio_transcript.delta"]
    assert "".join(words) == TEXT
    done = events[-1]
    assert done.type == "response.done"
    assert done.response.status == "completed"
    usage = done.response.usage
    assert usage
    assert usage.input_tokens
    assert usage.output_tokens
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    assert again[-1].type == "response.done"
    shown = ground.model.journal.shown(1)
    assert shown["counts"] == {"realtime": 2, "realtime_done": 2}
    assert shown["sounds"][0] == {
        "endpoint": "realtime",
        "model": MODEL,
        "voice": "cedar",
        "input": "Ещё",
    }


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ("{broken", None),
        ("[]", None),
        ({"kind": "x"}, None),
        ({"type": "dance"}, "type"),
        ({"type": "session.update"}, "session"),
        ({"type": "session.update", "session": {}}, "session.type"),
        (
            {"type": "session.update", "session": {"type": "realtime", "voice": "x"}},
            "session.voice",
        ),
        (
            {
                "type": "session.update",
                "session": {"type": "realtime", "audio": {"output": {"voice": "robot"}}},
            },
            "session.audio.output.voice",
        ),
        ({"type": "conversation.item.create", "item": {"type": "message"}}, "item.role"),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "user", "content": [{"type": "text"}]},
            },
            "item.content[0].type",
        ),
    ],
)
async def test_garbage_is_answered_with_an_error_and_the_session_lives(
    ground: Playground, client: AsyncOpenAI, sent: Any, param: str | None
) -> None:
    async with client.realtime.connect(model=MODEL) as connection:
        await connection.recv()
        if isinstance(sent, str):
            await connection._connection.send(sent)
        else:
            await connection.send({**sent, "event_id": "mine"})
        error = await connection.recv()
        assert error.type == "error"
        assert error.error.type == "invalid_request_error"
        assert error.error.param == param
        assert error.error.event_id == (None if isinstance(sent, str) else "mine")
        await ask(connection, "слово")
        assert (await until_done(connection))[-1].type == "response.done"


@pytest.mark.parametrize(
    ("query", "key", "status"),
    [
        ("", "any", 400),
        ("?model=missing-voice", "any", 404),
        ("?model=gpt-4o-mini-tts", "any", 400),
        (f"?model={MODEL}", "bad-key", 401),
    ],
)
async def test_sessions_that_are_not_opened(
    ground: Playground, query: str, key: str, status: int
) -> None:
    address = f"{ground.model_url.replace('http', 'ws')}/realtime{query}"
    with pytest.raises(InvalidStatus) as refused:
        await websockets.connect(address, additional_headers={"Authorization": f"Bearer {key}"})
    assert refused.value.response.status_code == status
    assert b'"error"' in (refused.value.response.body or b"")


async def test_failures_strike_the_handshake_or_the_answer(
    ground: Playground, client: AsyncOpenAI
) -> None:
    ground.model.behave(Conduct(first_token=0.0, total=0.0, next_failures=[429, 500]))
    with pytest.raises(InvalidStatus):
        async with client.realtime.connect(model=MODEL):
            pass
    async with client.realtime.connect(model=MODEL) as connection:
        await ask(connection)
        failed = (await until_done(connection))[-1]
        assert failed.type == "response.done"
        assert failed.response.status == "failed"
        assert failed.response.status_details
        assert failed.response.status_details.error
        await say(connection, "ещё")
        done = (await until_done(connection))[-1]
        assert done.type == "response.done"
        assert done.response.status == "completed"
    assert ground.model.journal.counts["realtime_failed"] == 2
    assert ground.model.journal.counts["realtime_done"] == 1


async def test_a_cut_and_a_caller_who_goes_away(ground: Playground, client: AsyncOpenAI) -> None:
    ground.model.behave(Conduct(first_token=0.0, total=0.0, cut_rate=1.0))
    async with client.realtime.connect(model=MODEL) as connection:
        await ask(connection)
        with pytest.raises(ConnectionClosed):
            await until_done(connection)
    assert ground.model.journal.counts["realtime_cut"] == 1

    ground.model.behave(Conduct(hang_rate=1.0))
    options: Any = {"close_timeout": 0.1}
    connect = client.realtime.connect(model=MODEL, websocket_connection_options=options)
    async with connect as connection:
        await ask(connection)
        while not ground.model.journal.in_flight:
            await asyncio.sleep(0.01)
    while ground.model.journal.in_flight:
        await asyncio.sleep(0.01)
    assert ground.model.journal.counts["realtime_stopped"] == 1


async def test_the_voice_stays_once_it_was_heard(client: AsyncOpenAI) -> None:
    async with client.realtime.connect(model=MODEL) as connection:
        await ask(connection, voice="marin")
        await until_done(connection)
        await ask(connection, voice="cedar")
        error = (await until_done(connection))[-1]
        assert error.type == "error"
        assert error.error.code == "cannot_update_voice"
