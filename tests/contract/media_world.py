"""A process that answers people who speak and send files. The database and the file store are real;
Telegram, the models and the readers of formats do what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import tzinfo
from pathlib import Path
from typing import Any

from core.background import Background
from core.care import Care
from core.care.help_lines import read_help_lines
from core.dialogue.caring import CaringCompanion
from core.dialogue.companion import DialogueCompanion
from core.dialogue.crafting import Crafting
from core.dialogue.deliveries import StoredDeliveries
from core.dialogue.delivery import Delivery
from core.dialogue.incoming import SentFile
from core.dialogue.messages import Dialogue
from core.dialogue.preparing import Preparation
from core.dialogue.senses import Senses
from core.dialogue.turn import Turn
from core.dialogue.turns import Turns
from core.errors import CoreError
from core.files.local import LocalFiles
from core.llm import Done, Event, ModelRequest, TextDelta, Tool, ToolCall, Usage
from core.llm.retrying import Deadlines
from core.making import MadeFile, NotMade
from core.reading import Document, JpegPicture
from core.speech import Heard

USAGE = Usage(10, 5, 15)


def done(text: str = "", *calls: ToolCall) -> Done:
    return Done(text, calls, USAGE, "tools" if calls else "stop", "m", None)


class Model:
    """`answers` are given one by one, the last one for ever; an exception is raised. `cheap` is
    what the cheap model says, if it is to say something else."""

    provider, api = "test", "chat"

    def __init__(self) -> None:
        self.answers: list[Done | Exception] = [done("Вот ответ")]
        self.cheap: Done | Exception | None = None
        self.requests: list[ModelRequest] = []

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event, None]:
        self.requests.append(request)
        if request.model == "cheap" and self.cheap is not None:
            answer = self.cheap
        else:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if answer.text:
            yield TextDelta(answer.text)
        yield answer

    def asked(self) -> list[list[str]]:
        """What the user said in each request to the dialogue's model."""
        return [
            [m.content for m in request.messages if m.role == "user"]
            for request in self.requests
            if request.tools
        ]

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


class Ears:
    """`gate` holds every hearing up until it is set."""

    provider, model = "test", "ears"

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.says: str | Exception = "Хочу дом у моря"
        self.began = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def hear(self, sound: Path, name: str, languages: Sequence[str]) -> Heard:
        self.heard.append(await asyncio.to_thread(sound.read_bytes))
        self.began.set()
        await self.gate.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return Heard(self.says, 4.0, None, "ears-1", "r1")

    async def close(self) -> None: ...


class Eyes:
    """`gate` holds every document up until it is set."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.text: Document | Exception = Document("План на год", "txt", None, whole=True)
        self.looked = 0

    async def document(self, path: Path, name: str, mime: str | None) -> Document:
        await self.gate.wait()
        if isinstance(self.text, Exception):
            raise self.text
        return self.text

    async def picture(self, path: Path) -> JpegPicture:
        self.looked += 1
        return JpegPicture(b"jpeg", 10, 10)


class Hands:
    """A maker: what the model writes is what stands in the file."""

    def tool(self, language: str) -> Tool:
        return Tool("create_document", "", {})

    async def make(self, arguments: str, folder: Path, *, language: str, zone: tzinfo) -> MadeFile:
        if arguments == "garbage":
            raise NotMade("arguments must be JSON")
        path = folder / "file"
        await asyncio.to_thread(path.write_text, arguments)
        return MadeFile(path, "план.pdf", "application/pdf", "Твой план")


class Preview:
    shown_words = False

    def __init__(self) -> None:
        self.seen: list[tuple[str | None, int, int]] = []

    def show(self, markdown: str) -> None:
        self.shown_words = self.shown_words or bool(markdown)

    def busy(self, doing: str | None, done: int = 0, total: int = 0) -> None:
        self.seen.append((doing, done, total))


class Screen:
    """Telegram: `files` by id, an exception is raised instead. `gate` holds downloads up."""

    def __init__(self, db: Any) -> None:
        self._deliveries = StoredDeliveries(db, per_second=30)
        self._arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        self.files: dict[str, bytes | Exception] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.fetched: list[str] = []
        self.troubles: list[CoreError] = []
        self.previews: list[Preview] = []

    @asynccontextmanager
    async def preview(self, turn: Turn) -> AsyncGenerator[Preview]:
        self.previews.append(Preview())
        yield self.previews[-1]

    async def fetch(self, telegram_id: str) -> AsyncGenerator[bytes, None]:
        self.fetched.append(telegram_id)
        await self.gate.wait()
        content = self.files.get(telegram_id, telegram_id.encode())
        if isinstance(content, Exception):
            raise content
        yield content

    async def deliver(self, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await self._arrives(delivery)

    async def sweep(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            for delivery in (await self._deliveries.claim(5)).deliveries:
                await self._arrives(delivery)

    async def _arrives(self, delivery: Delivery) -> None:
        await self._deliveries.delivered(delivery, [1])
        self._arrived.put_nowait(delivery)

    def trouble(self, error: CoreError) -> None:
        self.troubles.append(error)

    async def next(self) -> Delivery:
        async with asyncio.timeout(20):
            return await self._arrived.get()

    async def next_notice(self) -> str:
        return (await self.next()).payload["notice"]


class MediaWorld:
    def __init__(
        self, db: Any, folder: Path, *, speaks: bool = False, care: Care | None = None
    ) -> None:
        self.db = db
        self._care = care or Care(read_help_lines(""))
        self.background = Background()
        self.turns = Turns(db, self.background, worker="w", history=50, limit=60, speaks=speaks)
        self.dialogue = Dialogue(db, self.turns)
        self.model, self.ears, self.eyes, self.hands = Model(), Ears(), Eyes(), Hands()
        self.store = LocalFiles(folder)
        self.screen = Screen(db)
        self._numbers = 0

    async def open(self) -> None:
        await self.store.open()
        deadlines = Deadlines(first_token=5, gap=5, total=5, tries=2, pause=0.01)
        senses = Senses(
            self.db,
            self.model,
            self.eyes,
            self.ears,
            sight="sight",
            effort="low",
            retelling="cheap",
            deadlines=deadlines,
            longest_seconds=600,
            trouble=self.screen.trouble,
        )
        companion = DialogueCompanion(
            self.db,
            self.model,
            Preparation(self.db, self.store, senses, self.background),
            Crafting(self.hands, self.store),
            name="companion",
            effort="low",
            history=50,
            deadlines=deadlines,
        )
        caring = CaringCompanion(companion, self._care, self.background)
        self.background.spawn(self.turns.run(caring, self.screen), "turns")
        self.background.spawn(self.screen.sweep(), "sweep")

    async def close(self) -> None:
        await self.background.drain(0)
        await self.store.close()

    async def says(self, person: Any, text: str) -> None:
        self._numbers += 1
        await self.dialogue.receive(
            person.user_id,
            source_key=f"tg:{self._numbers}",
            content=text,
            origin={"key": f"m:{self._numbers}"},
        )

    async def sends(self, person: Any, kind: str = "voice", **more: Any) -> int:
        """A message with one file; the number it goes by."""
        self._numbers += 1
        number = self._numbers
        known: dict[str, Any] = {
            "kind": kind,
            "key": f"tg:{number}",
            "message": number,
            "telegram_id": f"T{number}",
            "unique_id": f"U{number}",
            "size": 10,
            "mime": _MIMES[kind],
            "name": "",
            "seconds": 4 if kind == "voice" else None,
            "said": f"[{kind}]",
            "caption": "",
        }
        file = SentFile(**(known | more))
        await self.dialogue.receive(
            person.user_id,
            source_key=file.key,
            type={"voice": "audio", "photo": "image"}.get(kind, "file"),
            content="",
            payload={"files": [file.row()]},
            origin={"key": f"m:{number}"},
        )
        return number

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.02)


_MIMES = {"voice": "audio/ogg", "photo": "image/jpeg", "document": "application/octet-stream"}
