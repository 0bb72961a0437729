"""Every kind of file through the whole bot: what is made of it, and what is said where nothing is.

The processes, the store, the readers and the wire formats are real; the scripted model repeats what
it was told, so that an answer shows what came out of a file.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.killing import Store
from tests.processes import Ground, bot_process
from tests.samples import photo, speech, voice_note
from tests.unit import reading_samples as samples

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SENDS = "sendMessage,sendDocument,sendVoice"


class Chat:
    """One person's talk with the bot, as they see it."""

    def __init__(self, here: Ground, person: int) -> None:
        self._here = here
        self.person = person
        self._seen = 0

    async def says(self, text: str, count: int = 1) -> list[str]:
        await self._here.says(self.person, text)
        return await self.hears(count)

    async def sends(self, name: str, content: bytes, *, count: int = 1, **more: Any) -> list[str]:
        await self._here.sends(self.person, name, content, **more)
        return await self.hears(count)

    async def hears(self, count: int = 1) -> list[str]:
        """So many messages, the next ones of this chat."""
        sent = await self._here.sent(
            since=self._seen, methods=SENDS, chat=self.person, wait=60, count=count
        )
        assert len(sent) >= count, sent
        self._seen = sent[count - 1]["seq"]
        return [entry["text"] for entry in sent[:count]]

    async def model_was_asked(self) -> str:
        """The person's last words as the companion's model read them."""
        journal = await self._here.get("model", last=5)
        asked = [request for request in journal["requests"] if request.get("tools")][-1]
        said = [item for item in asked["messages"] if item.get("role") == "user"][-1]["content"]
        return said if isinstance(said, str) else "".join(p.get("text", "") for p in said)


@pytest.fixture
async def chat(here: Ground, data: Path) -> AsyncIterator[Chat]:
    await here.post("model", reset=True, first_token=0.0, total=0.0)
    bot = bot_process(here, data, STT_MAX_MINUTES="1")
    await bot.start()
    try:
        await here.until_polled()
        [person] = await here.people(1)
        chat = Chat(here, person)
        await chat.says("/new_vision")
        yield chat
        assert await bot.terminate() == 0
    finally:
        await bot.kill()


async def test_recordings_are_heard(chat: Chat, here: Ground) -> None:
    await here.post("model", transcript="Хочу дом у моря")
    transcript, answer = await chat.sends("v.ogg", speech("Хочу дом у моря"), kind="voice", count=2)
    assert "Хочу дом у моря" in transcript
    assert "Хочу дом у моря" in answer
    assert "[audio] Хочу дом у моря" in await chat.model_was_asked()
    # A sound as a document, with a name that says so, is heard as well.
    transcript, _ = await chat.sends("песня.ogg", voice_note(7), count=2)
    assert "Хочу дом у моря" in transcript

    await here.post("model", transcript="")
    [unclear] = await chat.sends("v.ogg", voice_note(8), kind="voice")
    assert "Не разобрал" in unclear
    await here.post("model", transcript=None)
    [broken] = await chat.sends("v.mp3", "это не звук".encode() * 99, kind="audio")
    assert "v.mp3" in broken


async def test_documents_are_read(chat: Chat) -> None:
    for name, content, word in (
        ("план.pdf", samples.pdf(), "страница 2"),
        ("план.docx", samples.docx(), "моя цель"),
        ("план.xlsx", samples.xlsx(), "|"),
        ("встречи.ics", samples.ics(), "Встреча"),
        ("заметки.txt", "Сначала дом, потом сад".encode("cp1251"), "Сначала дом"),
        ("заметки.md", "# Дом\n\nСначала дом".encode(), "# Дом"),
        ("расходы.csv", "что;сколько\n=1+1;5\n".encode(), "=1+1"),
        ("step.py", b"def step():\n    return 15\n", "return 15"),
        ("не картинка.jpg.txt", "просто текст".encode(), "просто текст"),
        ("../../etc/passwd", "корень".encode(), "корень"),
    ):
        await chat.sends(name, content)
        asked = await chat.model_was_asked()
        assert word in asked, (name, asked)
        assert "[файл " in asked


async def test_what_cannot_be_read_is_said_clearly(chat: Chat) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<x/>")
        package.writestr("word/document.xml", b" " * 400_000_000)
    for name, content, words in (
        ("тайна.pdf", samples.locked_pdf("secret"), "под паролем"),
        ("скан.pdf", samples.scanned_pdf(), "текста внутри не нашлось"),
        ("сломан.pdf", b"%PDF-1.7\n" + b"\xff" * 500, "не открывается"),
        ("бомба.docx", bomb.getvalue(), "слишком много"),
        ("архив.zip", _zip(), "архивы я не раскрываю"),
        ("большой.bin", b"\0" * 20_971_521, "20 МБ"),
    ):
        [told] = await chat.sends(name, content)
        assert words in told, (name, told)
        assert name.split(".")[0] in told, told
    # Words besides are answered, and the model knows what it has not seen.
    told, _ = await chat.sends("тайна.pdf", samples.locked_pdf("x"), caption="Что там?", count=2)
    assert "под паролем" in told
    asked = await chat.model_was_asked()
    assert "Что там?\n[файл «тайна.pdf»] (" in asked


async def test_pictures_are_looked_at_once(chat: Chat, here: Ground, data: Path) -> None:
    await chat.sends("p.jpg", photo(1), kind="photo", caption="Такой дом?")
    asked = await chat.model_was_asked()
    assert "Такой дом?\n[фото, его описание]" in asked
    await chat.sends("дом.png", samples.picture("PNG"))
    assert '[картинка "дом.png", её описание]' in await chat.model_was_asked()
    [broken] = await chat.sends("дом.heic", b"\0\0\0\x18ftypheic" + b"\0" * 100)
    assert "дом.heic" in broken
    await chat.says("А что на первой?")
    journal = await here.get("model", last=20)
    assert list(journal["seen"].values()) == [1, 1]


async def test_a_hundred_files_at_once(chat: Chat, here: Ground, data: Path) -> None:
    await asyncio.gather(
        *(here.sends(chat.person, f"{n}.txt", f"Заметка {n}".encode()) for n in range(100))
    )
    store = Store(data)
    states: dict[str, int] = {}
    for _ in range(120):
        await asyncio.sleep(0.5)
        states = dict(await store.rows(STATES))
        if sum(states.values()) == 100 and None not in states and not await store.rows(WAITING):
            break
    assert None not in states
    assert states["ok"] + states.get("many", 0) == 100
    assert await store.rows("select count(*) from public.files where not meta ? 'made'") == [(100,)]


STATES = """
    select f ->> 'state', count(*) from public.vision_messages m,
      jsonb_array_elements(m.payload -> 'files') f
    where m.sender = 'user' group by 1
"""
WAITING = "select 1 from public.turn_queue"


def _zip() -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("a.txt", "a")
    return package.getvalue()
