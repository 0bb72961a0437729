"""Files both ways: a real aiogram bot, people over the control and the page, downloads, expiry."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy
import pytest
import soundfile
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import BufferedInputFile, Message, MessageEntity, ReplyParameters
from aiohttp import ClientError, ClientSession, FormData
from PIL import Image

from bot.playground import Playground, start_playground
from bot.playground.voice_notes import NotSound, as_voice_note, probe_file

MIRA = 1001


@pytest.fixture
async def ground() -> AsyncIterator[Playground]:
    playground = await start_playground()
    yield playground
    await playground.close()


@pytest.fixture
async def bot(ground: Playground) -> AsyncIterator[Bot]:
    server = TelegramAPIServer.from_base(ground.telegram_url)
    bot = Bot("42:secret", session=AiohttpSession(api=server))
    await bot.get_me()
    yield bot
    assert isinstance(bot.session, AiohttpSession)
    await (await bot.session.create_session()).close()


class Hands:
    """What people do, over HTTP."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def sim(self, what: str, **body: Any) -> Any:
        async with self.session.post(f"/sim/{what}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def send(self, *files: tuple[str, bytes], status: int = 200, **fields: Any) -> Any:
        return await self._post("/sim/files", files, status, {"person": MIRA, **fields})

    async def page(self, *files: tuple[str, bytes], status: int = 200, **fields: Any) -> Any:
        return await self._post(f"/playground/chats/{MIRA}/files", files, status, fields)

    async def counters(self) -> Any:
        async with self.session.get("/sim/counters") as response:
            return await response.json()

    async def _post(
        self, path: str, files: Any, status: int, fields: dict[str, Any]
    ) -> dict[str, Any]:
        form = FormData(quote_fields=False)
        for name, value in fields.items():
            form.add_field(name, str(value))
        for at, (name, content) in enumerate(files):
            form.add_field(f"file{at or ''}", content, filename=name)
        async with self.session.post(path, data=form) as response:
            assert response.status == status, await response.text()
            return await response.json()


@pytest.fixture
async def hands(ground: Playground, bot: Bot) -> AsyncIterator[Hands]:
    async with ClientSession(ground.url) as session:
        hands = Hands(session)
        await hands.sim("messages", person=MIRA, text="/start")
        await bot.get_updates(offset=-1)
        yield hands


def sound(
    seconds: float = 2.0, container: str = "OGG", codec: str = "OPUS", rate: int = 48_000
) -> bytes:
    at = numpy.arange(int(seconds * rate)) / rate
    wave = (0.3 * numpy.sin(2 * numpy.pi * 440 * at)).astype("float32")
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=container, subtype=codec)
    return file.getvalue()


def picture(width: int, height: int, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, kind)
    return file.getvalue()


def given(content: bytes, name: str) -> BufferedInputFile:
    return BufferedInputFile(content, name)


async def newest(bot: Bot, count: int = 1) -> list[Message]:
    updates = await bot.get_updates()
    return [update.message for update in updates if update.message][-count:]


async def content_of(bot: Bot, file_id: str) -> bytes:
    downloaded = await bot.download(file_id)
    assert downloaded
    return downloaded.read()


VOICE = sound()


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("a.ogg", VOICE, "voice"),
        ("a.mp3", sound(1, "MP3", "MPEG_LAYER_III"), "voice"),
        ("a.m4a", b"\0\0\0\x20ftypM4A \0\0\0\0", "voice"),
        ("a.ogg", sound(1, "OGG", "VORBIS"), "document"),
        ("a.wav", sound(1, "WAV", "PCM_16"), "document"),
        ("a.txt", b"words", "document"),
    ],
)
async def test_a_voice_is_one_only_in_the_formats_of_voices(
    bot: Bot, hands: Hands, name: str, content: bytes, field: str
) -> None:
    sent = await bot.send_voice(MIRA, given(content, name), caption="вот")
    assert (sent.voice is not None, sent.document is not None) == (
        field == "voice",
        field == "document",
    )
    assert sent.caption == "вот"
    if name == "a.ogg" and sent.voice:
        assert (sent.voice.duration, sent.voice.mime_type) == (2, "audio/ogg")
        file = await bot.get_file(sent.voice.file_id)
        assert str(file.file_path).endswith(".oga")
        assert await content_of(bot, sent.voice.file_id) == content


async def test_every_kind_goes_by_upload_and_again_by_its_id(bot: Bot, hands: Hands) -> None:
    question = (await hands.sim("messages", person=MIRA, text="где файлы?"))["messages"][0]
    common: dict[str, Any] = {
        "message_thread_id": 7,
        "reply_parameters": ReplyParameters(message_id=question["message_id"]),
    }
    words: dict[str, Any] = {
        "caption": "жирно",
        "caption_entities": [MessageEntity(type="bold", offset=0, length=5)],
    }
    photo = picture(600, 300)
    for field, method, content, dress in (
        ("voice", bot.send_voice, VOICE, words),
        ("audio", bot.send_audio, sound(1, "MP3", "MPEG_LAYER_III"), words),
        ("document", bot.send_document, b"words", words),
        ("photo", bot.send_photo, photo, words),
        ("video", bot.send_video, b"moving", words),
        ("video_note", bot.send_video_note, b"round", {}),
    ):
        send: Any = method
        first = await send(MIRA, given(content, "имя.bin"), **common, **dress)
        assert first.message_thread_id == 7
        assert first.reply_to_message
        if dress:
            assert [entity.type for entity in first.caption_entities or []] == ["bold"]
        media = getattr(first, field)
        media = media[-1] if field == "photo" else media
        again = await send(MIRA, media.file_id, **dress)
        other = getattr(again, field)
        other = other[-1] if field == "photo" else other
        assert other.file_unique_id == media.file_unique_id
        assert await content_of(bot, other.file_id) == content
    counters = await hands.counters()
    assert counters["uploads"] == dict.fromkeys(
        ["sendVoice", "sendAudio", "sendDocument", "sendPhoto", "sendVideo", "sendVideoNote"], 1
    )
    assert counters["uploaded_bytes"]["sendVoice"] == len(VOICE)
    assert counters["calls"]["sendVoice"] == 2
    async with hands.session.get("/sim/sent", params={"methods": "sendVoice"}) as response:
        sent = (await response.json())["sent"]
    assert [entry["uploaded"] for entry in sent] == [len(VOICE), 0]
    assert sent[0]["file"] == sent[1]["file"]


async def test_what_telegram_would_not_send(bot: Bot, hands: Hands) -> None:
    document = await bot.send_document(MIRA, given(b"words", "a.md"))
    assert document.document
    assert document.document.mime_type == "text/markdown"
    file_id = document.document.file_id
    with pytest.raises(TelegramBadRequest, match="type of file mismatch"):
        await bot.send_voice(MIRA, file_id)
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_document(MIRA, "pg-documents-unknown")
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot.send_voice(MIRA, given(VOICE, "v.ogg"), caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_document(MIRA, file_id, reply_parameters=ReplyParameters(message_id=99))
    lenient = ReplyParameters(message_id=99, allow_sending_without_reply=True)
    assert await bot.send_document(MIRA, file_id, reply_parameters=lenient)
    with pytest.raises(TelegramBadRequest, match="non-empty"):
        await bot.send_document(MIRA, given(b"", "a.md"))
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(MIRA, given(bytes((50 << 20) + 1), "a.bin"))
    assert (await hands.counters())["uploaded_bytes"] == {"sendDocument": 5}


async def test_a_person_may_forbid_voices(ground: Playground, bot: Bot, hands: Hands) -> None:
    await hands.sim("voices", person=MIRA)
    for send in (
        bot.send_voice(MIRA, given(VOICE, "v.ogg")),
        bot.send_video_note(MIRA, given(b"v", "v.mp4")),
    ):
        with pytest.raises(TelegramBadRequest, match="VOICE_MESSAGES_FORBIDDEN"):
            await send
    assert await bot.send_audio(MIRA, given(VOICE, "v.ogg"))
    await hands.sim("voices", person=MIRA, forbidden=False)
    assert (await bot.send_voice(MIRA, given(VOICE, "v.ogg"))).voice


async def test_actions_of_voices_and_files_are_shown(
    ground: Playground, bot: Bot, hands: Hands
) -> None:
    chat = ground.world.chats[42, MIRA]
    for action in ("record_voice", "upload_document", "upload_voice"):
        await bot.send_chat_action(MIRA, action)
        assert chat.action == action


async def test_people_send_files_of_every_kind(bot: Bot, hands: Hands) -> None:
    await hands.send(("голос.ogg", VOICE), kind="voice", caption="слушай")
    await hands.send(("песня.mp3", b"ID3"), kind="audio", duration=61)
    await hands.send(("a.mp4", b"\0\0\0\x20ftypisom"), kind="video_note", duration=9)
    await hands.send(("План.docx", b"PK"))
    voice, audio, note, document = await newest(bot, 4)
    assert voice.voice
    assert (voice.voice.duration, voice.voice.file_size) == (2, len(VOICE))
    assert voice.caption == "слушай"
    assert await content_of(bot, voice.voice.file_id) == VOICE
    assert audio.audio
    assert (audio.audio.duration, audio.audio.file_name) == (61, "песня.mp3")
    assert note.video_note
    assert (note.video_note.duration, note.video_note.length) == (9, 240)
    assert document.document
    assert document.document.file_name == "План.docx"
    assert await content_of(bot, document.document.file_id) == b"PK"


async def test_a_photo_comes_in_several_sizes(bot: Bot, hands: Hands) -> None:
    original = picture(1600, 800, "PNG")
    await hands.send(("p.png", original), kind="photo")
    (message,) = await newest(bot)
    assert message.photo
    sizes = [(size.width, size.height) for size in message.photo]
    assert sizes == [(90, 45), (320, 160), (800, 400), (1280, 640), (1600, 800)]
    assert len({size.file_unique_id for size in message.photo}) == 5
    small = Image.open(io.BytesIO(await content_of(bot, message.photo[1].file_id)))
    assert (small.format, small.size) == ("JPEG", (320, 160))
    assert await content_of(bot, message.photo[-1].file_id) == original


async def test_several_files_are_an_album(bot: Bot, hands: Hands) -> None:
    files = [(f"{number}.jpg", picture(40 + number, 40)) for number in range(3)]
    await hands.send(*files, kind="photo", caption="лето")
    album = await newest(bot, 3)
    assert len({message.media_group_id for message in album}) == 1
    assert album[0].media_group_id
    assert [message.caption for message in album] == ["лето", None, None]
    assert [message.photo[-1].width for message in album if message.photo] == [40, 41, 42]


async def test_one_file_may_be_sent_by_many(bot: Bot, hands: Hands) -> None:
    contents = (await hands.send(("v.ogg", VOICE), kind="voice", person=""))["contents"]
    people = (await hands.sim("people", count=3))["people"]
    for person in people:
        await hands.sim("posts", person=person, content=contents[0])
    voices = [message.voice for message in await newest(bot, 3)]
    assert len({voice.file_unique_id for voice in voices if voice}) == 1
    assert len(voices) == 3


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"kind": "dance"}, 400, "KeyError: 'dance'"),
        ({"person": 5}, 400, "KeyError: 5"),
        ({"kind": "photo"}, 400, "Bad Request: IMAGE_PROCESS_FAILED"),
    ],
)
async def test_the_control_says_what_is_wrong(
    hands: Hands, fields: dict[str, Any], status: int, error: str
) -> None:
    answer = await hands.send(("a.bin", b"words"), status=status, **fields)
    assert answer == {"error": error}


async def test_files_too_big_to_get_and_files_forgotten(bot: Bot, hands: Hands) -> None:
    sent = await hands.send(("big.mp3", b"ID3"), kind="audio", size=(20 << 20) + 1)
    big = sent["messages"][0]["audio"]
    assert big["file_size"] == (20 << 20) + 1
    with pytest.raises(TelegramBadRequest, match="Bad Request: file is too big"):
        await bot.get_file(big["file_id"])
    kept = (await hands.send(("a.txt", b"words")))["messages"][0]["document"]["file_id"]
    link = (await bot.get_file(kept)).file_path
    await hands.sim("expiry")
    forgotten = "Bad Request: wrong file_id or the file is temporarily unavailable"
    with pytest.raises(TelegramBadRequest, match=forgotten):
        await bot.get_file(kept)
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_document(MIRA, kept)
    async with hands.session.get(f"/file/bot42:secret/{link}") as response:
        assert response.status == 404
    await hands.sim("expiry", expired=False)
    assert await content_of(bot, kept) == b"words"


async def test_downloads_break_off_on_demand(bot: Bot, hands: Hands) -> None:
    content = bytes(range(256)) * 4_000
    file_id = (await hands.send(("a.bin", content)))["messages"][0]["document"]["file_id"]
    path = (await bot.get_file(file_id)).file_path

    async def got() -> bytes:
        async with hands.session.get(f"/file/bot42:secret/{path}") as response:
            assert response.status == 200
            return await response.read()

    # The client itself repeats a request that got no answer at all, once.
    for status, count in (("drop", 1), ("drop_before", 2)):
        await hands.sim("faults", method="download", status=status, count=count)
        with pytest.raises(ClientError):
            await got()
    await hands.sim("faults", method="download", status=503, count=1)
    async with hands.session.get(f"/file/bot42:secret/{path}") as response:
        assert response.status == 503
    assert await got() == content
    async with hands.session.get(f"/file/nonsense/{path}") as response:
        assert response.status == 404


async def test_what_a_browser_records_becomes_a_voice(bot: Bot, hands: Hands) -> None:
    wav = sound(3.0, "WAV", "PCM_16", 44_100)
    await hands.page(("voice.wav", wav), kind="voice")
    (message,) = await newest(bot)
    assert message.voice
    assert (message.voice.duration, message.voice.mime_type) == (3, "audio/ogg")
    ogg = await content_of(bot, message.voice.file_id)
    samples, rate = soundfile.read(io.BytesIO(ogg))
    assert ogg.startswith(b"OggS")
    assert len(samples) / rate == pytest.approx(3.0, abs=0.05)
    assert numpy.abs(samples).max() > 0.2
    answer = await hands.page(("voice.wav", b"RIFFnoise"), kind="voice", status=400)
    assert answer == {"error": "invalid_file"}
    await hands.page(("voice.ogg", VOICE), kind="voice")
    (message,) = await newest(bot)
    assert message.voice
    assert await content_of(bot, message.voice.file_id) == VOICE


def test_voice_notes_of_every_rate_keep_their_pitch(tmp_path: Path) -> None:
    for rate in (8_000, 16_000, 44_100, 48_000):
        source, target = tmp_path / f"{rate}.wav", tmp_path / f"{rate}.ogg"
        source.write_bytes(sound(12.5, "WAV", "PCM_16", rate))
        note = as_voice_note(source, target)
        assert note.ogg == target
        assert note.seconds == pytest.approx(12.5, abs=0.01)
        assert probe_file(target).seconds == pytest.approx(12.5, abs=0.01)
        samples, told = soundfile.read(target)
        spectrum = numpy.abs(numpy.fft.rfft(samples[told : told * 2]))
        assert abs(int(spectrum.argmax()) - 440) <= 1
    (tmp_path / "none.wav").write_bytes(b"RIFF")
    with pytest.raises(NotSound):
        as_voice_note(tmp_path / "none.wav", tmp_path / "none.ogg")


async def test_nothing_is_left_behind_by_refused_uploads(
    ground: Playground, bot: Bot, hands: Hands
) -> None:
    incoming = ground.world.keeping.incoming
    kept = len(list(ground.world.keeping.files.iterdir()))
    with pytest.raises(TelegramBadRequest):
        await bot.send_photo(MIRA, given(b"no picture", "p.png"))
    with pytest.raises(TelegramBadRequest):
        await bot.send_document(555, given(b"words", "a.txt"))
    await hands.page(("voice.wav", b"RIFFnoise"), kind="voice", status=400)
    # A refusal does not wait until the server has cleared up.
    async with asyncio.timeout(20):
        while list(incoming.iterdir()):
            await asyncio.sleep(0.01)
    assert len(list(ground.world.keeping.files.iterdir())) == kept
    await bot.send_document(MIRA, given(b"words", "a.txt"))
    assert len(list(ground.world.keeping.files.iterdir())) == kept + 1


async def test_contents_outlive_a_restart_where_a_folder_is_given(tmp_path: Path) -> None:
    first = await start_playground(state=tmp_path)
    leftover = first.world.keeping.incoming / "half"
    leftover.write_bytes(b"half of an upload")
    first.world.bot("42:secret").seen = True
    form = FormData()
    form.add_field("person", str(MIRA))
    form.add_field("file", b"words", filename="a.txt")
    async with (
        ClientSession(first.url) as session,
        session.post("/sim/files", data=form) as response,
    ):
        file = (await response.json())["messages"][0]["document"]
    await first.close()
    second = await start_playground(state=tmp_path)
    assert not leftover.exists()
    async with (
        ClientSession(second.url) as session,
        session.get(f"/playground/files/{file['file_id']}") as response,
    ):
        assert await response.read() == b"words"
    await second.close()
