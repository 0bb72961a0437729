"""Files and voices on their way to a person, when Telegram or the store misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError
from aiogram.methods import (
    SendAudio,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendPhoto,
    SendVoice,
)
from aiogram.types import InputFile

from bot.delivery.attachments import UPLOAD_BYTES, file_name
from core import Attachment, Background, Delivery, FileMissing, Unavailable
from tests.unit.test_outbox import METHOD, SIMPLE, World

PLAN = Attachment(
    file_id="f1",
    path="v/abc",
    kind="document",
    name="план.pdf",
    mime="application/pdf",
    size=9,
    seconds=None,
    telegram_id=None,
)
FILE = replace(
    SIMPLE,
    type="file_result",
    content="Твой **план**",
    payload={"name": "план.pdf"},
    attachment=PLAN,
)
SOUND = replace(PLAN, file_id="f2", kind="voice", name="voice.ogg", mime="audio/ogg", seconds=4)
VOICE = replace(SIMPLE, sender="system", type="audio", content="Привет", attachment=SOUND)
FORBIDDEN = TelegramBadRequest(METHOD, "Bad Request: VOICE_MESSAGES_FORBIDDEN")
WRONG_ID = TelegramBadRequest(METHOD, "Bad Request: wrong file identifier/HTTP URL specified")


class Store:
    """Attachments whose bytes are on this disk, as far as they are there at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bytes: dict[str, bytes] = {"v/abc": b"%PDF-1.7\n"}
        self.errors: list[Exception] = []
        self.known: list[tuple[str, str | None, str]] = []
        self.read = 0

    @asynccontextmanager
    async def local(self, attachment: Attachment) -> AsyncIterator[Path]:
        if self.errors:
            raise self.errors.pop(0)
        if attachment.path not in self.bytes:
            raise FileMissing
        path = self.folder / "file"
        path.write_bytes(self.bytes[attachment.path])
        self.read += 1
        yield path

    async def uploaded(self, user_id: str, attachment: Attachment, telegram_id: str) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.known.append((user_id, attachment.file_id, telegram_id))


class Voices:
    def __init__(self) -> None:
        self.made: list[int] = []
        self.result: Delivery | Exception | None = None
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.go_on.set()

    async def voiced(self, delivery: Delivery) -> Delivery | None:
        self.made.append(delivery.id)
        self.begun.set()
        await self.go_on.wait()
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class FilesWorld(World):
    def __init__(self, background: Background, folder: Path) -> None:
        self.store, self.voices = Store(folder), Voices()
        super().__init__(background, attachments=self.store, voiced=self.voices.voiced)

    def words_for(self, delivery: Delivery) -> str:
        return f"<b>{delivery.payload['notice']}</b> {delivery.payload['name']}"

    def documents(self) -> list[SendDocument]:
        return self.session.sent(SendDocument)


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    await background.drain(1)


@pytest.fixture
def world(background: Background, tmp_path: Path) -> FilesWorld:
    world = FilesWorld(background, tmp_path)
    world.store.bytes["v/abc"] = b"%PDF-1.7\n"
    return world


def sound(world: FilesWorld) -> None:
    world.store.bytes["v/abc"] = b"OggS" + bytes(50)


async def test_a_file_comes_as_a_document_with_its_name_and_caption(world: FilesWorld) -> None:
    await world.outbox.deliver(FILE)
    [sent] = world.documents()
    assert isinstance(sent.document, InputFile)
    assert sent.document.filename == "план.pdf"
    assert (sent.chat_id, sent.message_thread_id, sent.caption) == (7, 3, "Твой план")
    assert [entity.type for entity in sent.caption_entities or []] == ["bold"]
    assert sent.parse_mode is None
    assert list(world.session.uploads.values()) == [b"%PDF-1.7\n"]
    assert world.store.known == [("u", "f1", next(iter(world.session.uploads)))]
    assert world.kept.names() == ["delivered"]


async def test_what_telegram_knows_is_not_uploaded_again(world: FilesWorld) -> None:
    await world.outbox.deliver(FILE)
    [(_, _, known)] = world.store.known
    # Killed before the mark: the file has been recorded, the delivery comes again.
    again = replace(FILE, attempt=2, attachment=replace(PLAN, telegram_id=known))
    await world.outbox.deliver(again)
    assert [sent.document for sent in world.documents()][1] == known
    assert world.store.read == len(world.session.uploads) == 1
    assert world.kept.names() == ["delivered", "delivered"]


async def test_an_id_that_telegram_refuses_costs_one_upload(world: FilesWorld) -> None:
    world.session.unknown.add("of another bot")
    await world.outbox.deliver(
        replace(FILE, attachment=replace(PLAN, telegram_id="of another bot"))
    )
    [sent] = world.documents()
    assert isinstance(sent.document, InputFile)
    assert sent.caption == "Твой план"
    assert len(world.store.known) == 1
    world.session.fail(SendDocument, WRONG_ID)
    await world.outbox.deliver(replace(FILE, attachment=replace(PLAN, telegram_id="too old")))
    assert len(world.documents()) == 2
    assert world.store.read == 2


async def test_an_unkept_id_only_costs_the_next_upload(world: FilesWorld) -> None:
    world.store.bytes["v/abc"] = b"x"

    async def down(*_: Any) -> None:
        raise Unavailable("down")

    world.store.uploaded = down  # type: ignore[method-assign]
    await world.outbox.deliver(FILE)
    assert world.kept.names() == ["delivered"]


async def test_a_caption_that_is_too_long_follows_as_text(world: FilesWorld) -> None:
    long = "\n\n".join("**Шаг.** " + "слово " * 40 for _ in range(6))
    await world.outbox.deliver(replace(FILE, content=long, current=False))
    [sent] = world.documents()
    assert sent.caption == SIMPLE.vision_title
    [text] = world.sent()
    assert text.text.count("Шаг.") == 6
    assert world.kept.names() == ["record", "delivered"]
    world.session.answered.clear()
    await world.outbox.deliver(replace(FILE, content=long, sent=(41,)))
    assert world.documents() == []
    assert [message.text for message in world.sent()] == [text.text]


async def test_the_longest_caption_still_fits_with_a_title(world: FilesWorld) -> None:
    await world.outbox.deliver(
        replace(FILE, content="я" * 896, current=False, vision_title="🏡" * 500)
    )
    [sent] = world.documents()
    assert sent.caption
    assert sent.caption.endswith("я" * 896)
    assert world.sent() == []


@pytest.mark.parametrize("caption", ["Твой **план**", ""])
async def test_a_lost_file_is_said_so_and_holds_up_nobody(world: FilesWorld, caption: str) -> None:
    world.store.bytes.clear()
    lost = replace(FILE, content=caption)
    await asyncio.gather(world.outbox.deliver(lost), world.outbox.deliver(replace(SIMPLE, id=2)))
    texts = [message.text for message in world.sent()]
    whole = "Твой план\n\nfile_lost план.pdf" if caption else "<b>file_lost</b> план.pdf"
    assert texts == [whole, "Привет"]
    assert [step[:2] for step in world.kept.steps] == [("delivered", 1), ("delivered", 2)]


@pytest.mark.parametrize(
    "attachment",
    [
        replace(PLAN, path=None, file_id=None),
        replace(PLAN, size=UPLOAD_BYTES + 1),
        None,
    ],
)
async def test_what_no_bot_can_send_is_said(
    world: FilesWorld, attachment: Attachment | None
) -> None:
    await world.outbox.deliver(replace(FILE, attachment=attachment))
    heavy = attachment is not None and attachment.size > UPLOAD_BYTES
    assert any("file_heavy" if heavy else "file_lost" in m.text for m in world.sent())
    assert world.store.read == 0
    assert world.kept.names()[-1] == "delivered"


async def test_a_file_that_telegram_never_takes_is_said(world: FilesWorld) -> None:
    world.store.bytes["v/abc"] = b""
    await world.outbox.deliver(FILE)
    assert [message.text for message in world.sent()] == ["Твой план\n\nfile_lost план.pdf"]
    assert world.kept.names() == ["delivered"]


async def test_a_file_heavier_than_it_was_said_to_be(world: FilesWorld, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(UPLOAD_BYTES + 1)

    @asynccontextmanager
    async def local(_: Attachment) -> AsyncIterator[Path]:
        yield big

    world.store.local = local  # type: ignore[method-assign]
    await world.outbox.deliver(FILE)
    assert "file_heavy" in world.sent()[0].text


async def test_a_store_that_is_away_delays_the_file(world: FilesWorld) -> None:
    world.store.errors = [Unavailable("storage")]
    await world.outbox.deliver(FILE)
    assert world.kept.steps == [("postpone", 1, 2, "unavailable")]
    assert world.sent() == world.documents() == []


async def test_the_network_and_blocks_are_as_for_words(world: FilesWorld) -> None:
    world.session.fail(SendDocument, TelegramNetworkError(METHOD, "timeout"))
    await world.outbox.deliver(FILE)
    assert world.kept.steps == [("postpone", 1, 10, "unclear")]
    world.session.fail(SendDocument, TelegramForbiddenError(METHOD, "Forbidden: bot was blocked"))
    await world.outbox.deliver(replace(FILE, id=2, chat_id=8))
    assert world.kept.steps[-1] == ("fail", 2, "blocked")


async def test_a_topic_that_is_gone_and_refused_entities_cost_the_dress_alone(
    world: FilesWorld,
) -> None:
    world.session.fail(
        SendDocument, TelegramBadRequest(METHOD, "Bad Request: message thread not found")
    )
    await world.outbox.deliver(FILE)
    [sent] = world.documents()
    assert (sent.message_thread_id, sent.caption) == (None, "Твой план")
    assert world.store.read == 1


async def test_a_voice_is_sent_quietly_as_a_voice(world: FilesWorld) -> None:
    sound(world)
    await world.outbox.deliver(VOICE)
    [sent] = world.session.sent(SendVoice)
    assert (sent.duration, sent.caption, sent.disable_notification) == (4, None, True)
    assert world.store.known[0][:2] == ("u", "f2")
    assert world.voices.made == []
    assert world.kept.names() == ["delivered"]


async def test_forbidden_voices_are_no_trouble(
    world: FilesWorld, caplog: pytest.LogCaptureFixture
) -> None:
    sound(world)
    for known in (None, "known"):
        world.session.fail(SendVoice, FORBIDDEN)
        await world.outbox.deliver(replace(VOICE, attachment=replace(SOUND, telegram_id=known)))
    assert world.kept.steps == [("delivered", 1, []), ("delivered", 1, [])]
    assert world.session.sent(SendDocument) == world.sent() == []
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


async def test_a_lost_voice_says_nothing(world: FilesWorld) -> None:
    world.store.bytes.clear()
    await world.outbox.deliver(VOICE)
    assert world.kept.steps == [("delivered", 1, [])]
    assert world.sent() == []


async def test_a_voice_is_made_before_its_turn_in_the_chat_comes(
    world: FilesWorld, background: Background
) -> None:
    sound(world)
    unmade = replace(VOICE, attachment=None)
    world.voices.go_on.clear()
    world.voices.result = VOICE
    making = background.spawn(world.outbox.deliver(unmade), "voice")
    await asyncio.wait_for(world.voices.begun.wait(), 20)
    await world.outbox.deliver(replace(SIMPLE, id=2))
    assert world.kept.steps == [("delivered", 2, [1000])]
    [action] = world.session.sent(SendChatAction)
    assert (action.action, action.message_thread_id) == ("record_voice", 3)
    world.voices.go_on.set()
    await making
    assert len(world.session.sent(SendVoice)) == 1
    assert world.voices.made == [1]


@pytest.mark.parametrize("result", [None, RuntimeError("a bug")])
async def test_an_answer_may_stay_without_a_voice(
    world: FilesWorld, result: Exception | None
) -> None:
    world.voices.result = result
    await world.outbox.deliver(replace(VOICE, attachment=None))
    assert world.kept.steps == [("fail", 1, "unvoiced")]


async def test_draining_waits_for_a_voice_and_sends_it_later(
    world: FilesWorld, background: Background
) -> None:
    world.voices.go_on.clear()
    world.voices.result = VOICE
    making = background.spawn(world.outbox.deliver(replace(VOICE, attachment=None)), "voice")
    await asyncio.wait_for(world.voices.begun.wait(), 20)
    draining = background.spawn(world.outbox.drain(20), "drain")
    await asyncio.sleep(0)
    world.voices.go_on.set()
    await asyncio.gather(making, draining)
    assert world.kept.steps == [("postpone", 1, 0, "stopping")]
    await world.outbox.deliver(replace(VOICE, id=2, attachment=None))
    assert world.kept.steps[-1] == ("postpone", 2, 0, "stopping")
    assert world.voices.made == [1]


@pytest.mark.parametrize(
    ("kind", "mime", "method"),
    [
        ("photo", "image/jpeg", SendPhoto),
        ("photo", "image/heic", SendDocument),
        ("audio", "audio/mpeg", SendAudio),
    ],
)
async def test_each_kind_goes_its_own_way(
    world: FilesWorld, kind: Any, mime: str, method: Any
) -> None:
    attachment = replace(PLAN, kind=kind, mime=mime, name="")
    await world.outbox.deliver(replace(FILE, attachment=attachment))
    [sent] = world.session.sent(method)
    file = getattr(sent, method.__api_method__.removeprefix("send").lower())
    assert file.filename.startswith(kind)
    assert world.store.known


async def test_a_picture_that_is_no_photo_comes_as_a_file(world: FilesWorld) -> None:
    refusal = TelegramBadRequest(METHOD, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    world.session.fail(SendPhoto, refusal, refusal)
    picture = replace(PLAN, kind="photo", mime="image/png")
    await world.outbox.deliver(replace(FILE, attachment=picture))
    assert len(world.documents()) == 1
    assert world.store.known == []


async def test_a_refusal_of_the_chat_is_no_lost_file(world: FilesWorld) -> None:
    refusal = TelegramBadRequest(METHOD, "Bad Request: chat not found")
    world.session.fail(SendDocument, refusal, refusal)
    await world.outbox.deliver(FILE)
    assert world.kept.steps == [("fail", 1, "rejected")]
    assert world.session.sent(SendMessage) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc passwd"),
        ('a"\r\nX-Evil: 1.pdf', "a X-Evil 1.pdf"),
        ("ann\u202efdp.exe", "annfdp.exe"),
        ("я" * 200 + ".docx", "я" * 115 + ".docx"),
        ("...", ""),
    ],
)
def test_names_are_safe(name: str, safe: str) -> None:
    assert file_name(name) == safe
