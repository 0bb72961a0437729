"""A real OpenAI client speaks to the scripted model: sounds become words, words become sounds."""

from __future__ import annotations

import asyncio
import hashlib
import io
from typing import Any

import numpy as np
import openai
import pytest
import soundfile
from openai import AsyncOpenAI

from bot.playground import Playground
from bot.playground.model_conduct import Conduct
from bot.playground.sound import SoundProbe
from bot.playground.words import words
from tests.unit.model_ground import client, ground

__all__ = ["client", "ground"]

NEW = "gpt-transcribe"


def sound(
    seconds: float = 2.0, container: str = "OGG", codec: str = "OPUS", loud: float = 0.1
) -> bytes:
    at = np.arange(int(seconds * 24_000)) / 24_000
    file = io.BytesIO()
    wave = (loud * np.sin(2 * np.pi * 440 * at)).astype("float32")
    soundfile.write(file, wave, 24_000, format=container, subtype=codec)
    return file.getvalue()


VOICE = sound()


async def hear(
    client: AsyncOpenAI, content: bytes = VOICE, name: str = "v.ogg", **more: Any
) -> Any:
    return await client.audio.transcriptions.create(
        file=(name, content, "audio/ogg"), **{"model": NEW, **more}
    )


async def test_a_voice_is_heard_in_the_language_of_the_hint(client: AsyncOpenAI) -> None:
    russian = await hear(client, languages=["ru", "en"])
    assert russian.text in words("ru")["transcripts"]
    assert russian.usage.type == "duration"
    assert russian.usage.seconds == pytest.approx(2.0, abs=0.02)
    assert [language.code for language in russian.languages] == ["ru"]
    english = await hear(client, languages=["en"], keywords=["marathon"])
    assert english.text in words("en")["transcripts"]
    assert (await hear(client, model="whisper-1", language="en")).text == english.text
    assert await hear(client, languages=["en"], response_format="text") == f"{english.text}\n"


@pytest.mark.parametrize(
    ("container", "codec", "name"),
    [
        ("OGG", "OPUS", "voice.oga"),
        ("OGG", "VORBIS", "voice.ogg"),
        ("WAV", "PCM_16", "voice.wav"),
        ("FLAC", "PCM_16", "voice.flac"),
        ("MP3", "MPEG_LAYER_III", "voice.mp3"),
    ],
)
async def test_the_length_is_read_from_the_file(
    client: AsyncOpenAI, container: str, codec: str, name: str
) -> None:
    heard = await hear(client, sound(3.0, container, codec), name)
    if container == "MP3":
        assert heard.usage.seconds > 0
    else:
        assert heard.usage.seconds == pytest.approx(3.0, abs=0.02)


async def test_silence_and_an_unclear_sound_give_no_words(
    ground: Playground, client: AsyncOpenAI
) -> None:
    assert (await hear(client, sound(loud=0.0))).text == ""
    ground.model.behave(Conduct(first_token=0.0, transcript=""))
    assert (await hear(client)).text == ""
    ground.model.behave(Conduct(first_token=0.0, transcript="Раз, два"))
    assert (await hear(client)).text == "Раз, два"


@pytest.mark.parametrize(
    ("name", "content", "more", "param"),
    [
        ("voice.txt", VOICE, {}, "file"),
        ("voice", VOICE, {}, "file"),
        ("voice.ogg", b"", {}, "file"),
        ("voice.ogg", b"OggS, but nothing of it", {}, "file"),
        ("voice.wav", b"RIFF1234AVI LIST", {}, "file"),
        ("voice.mp3", b"<html>", {}, "file"),
        ("voice.ogg", VOICE, {"language": "ru"}, "language"),
        ("voice.ogg", VOICE, {"model": "whisper-1", "languages": ["ru"]}, "languages"),
        ("voice.ogg", VOICE, {"model": "whisper-1", "keywords": ["x"]}, "keywords"),
        ("voice.ogg", VOICE, {"languages": ["русский"]}, "languages"),
        ("voice.ogg", VOICE, {"model": ""}, "model"),
        ("voice.ogg", VOICE, {"response_format": "srt"}, "response_format"),
        ("voice.ogg", VOICE, {"extra_body": {"mood": "good"}}, "mood"),
    ],
)
async def test_what_openai_would_not_hear(
    ground: Playground,
    client: AsyncOpenAI,
    name: str,
    content: bytes,
    more: dict[str, Any],
    param: str,
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await hear(client, content, name, **more)
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"
    assert not ground.model.journal.heard
    assert ground.model.journal.counts["transcriptions_failed"] == 1


async def test_a_sound_above_the_limit_and_a_model_that_is_gone(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as heavy:
        await hear(client, VOICE + bytes(25 << 20))
    assert heavy.value.status_code == 413
    with pytest.raises(openai.NotFoundError):
        await hear(client, model="missing-stt")


async def test_what_was_heard_to_the_end_is_counted_by_its_hash(
    ground: Playground, client: AsyncOpenAI
) -> None:
    other = sound(1.0)
    await hear(client)
    await hear(client)
    await hear(client, other)
    journal = ground.model.journal
    digest, second = (hashlib.sha256(content).hexdigest() for content in (VOICE, other))
    assert journal.heard == {digest: 2, second: 1}

    ground.model.behave(Conduct(first_token=0.0, hearing=3600.0))
    call = asyncio.create_task(hear(client))
    while journal.counts["transcriptions"] < 4:
        await asyncio.sleep(0.01)
    call.cancel()
    while journal.in_flight:
        await asyncio.sleep(0.01)
    assert journal.heard[digest] == 2
    shown = journal.shown(1)
    assert shown["counts"] == {
        "transcriptions": 4,
        "transcriptions_done": 3,
        "transcriptions_stopped": 1,
    }
    assert shown["sounds"][0]["file"]["sha256"] == digest


async def test_failures_strike_the_named_endpoints_alone(
    ground: Playground, client: AsyncOpenAI
) -> None:
    ground.model.behave(
        Conduct(first_token=0.0, total=0.0, endpoints=["transcriptions"], next_failures=[429, 503])
    )
    await client.responses.create(model="m", input="x")
    with pytest.raises(openai.RateLimitError):
        await hear(client)
    await client.responses.create(model="m", input="x")
    with pytest.raises(openai.InternalServerError):
        await hear(client)
    assert (await hear(client)).text
    ground.model.behave(Conduct(first_token=0.0, cut_rate=1.0))
    with pytest.raises(openai.APIConnectionError):
        await hear(client)
    assert ground.model.journal.counts["transcriptions_cut"] == 1


@pytest.mark.parametrize("wanted", ["opus", "mp3", "wav", "flac", "pcm"])
async def test_a_text_becomes_a_tone_of_its_length(client: AsyncOpenAI, wanted: Any) -> None:
    async def spoken(text: str) -> float:
        async with client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="marin", input=text, response_format=wanted
        ) as response:
            content = await response.read()
        if wanted == "pcm":
            return len(content) / 2 / 24_000
        info = soundfile.info(io.BytesIO(content))
        assert info.format == {"opus": "OGG"}.get(wanted, wanted.upper())
        return info.duration

    assert await spoken("слово " * 10) == pytest.approx(4.0, abs=0.1)
    assert await spoken("слово " * 300) == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": "x" * 4097}, "input"),
        ({"input": ""}, "input"),
        ({"voice": ""}, "voice"),
        ({"speed": 9.0}, "speed"),
        ({"response_format": "midi"}, "response_format"),
        ({"model": "gpt-realtime-2.1-mini"}, "model"),
        ({"extra_body": {"mood": "good"}}, "mood"),
    ],
)
async def test_what_openai_would_not_say(
    ground: Playground, client: AsyncOpenAI, more: dict[str, Any], param: str
) -> None:
    arguments: dict[str, Any] = {"model": "tts", "voice": "marin", "input": "слово", **more}
    with pytest.raises(openai.BadRequestError) as refused:
        await client.audio.speech.create(**arguments)
    assert refused.value.param == param


def test_a_probe_holds_little_of_a_long_file() -> None:
    probe = SoundProbe()
    for _ in range(50):
        probe.feed(VOICE)
    assert probe.size == 50 * len(VOICE)
    assert probe.container == "ogg"
    assert probe.seconds == pytest.approx(2.0, abs=0.02)
