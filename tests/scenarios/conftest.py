"""The whole bot without a network: real routers, texts and database, a recording Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import AnswerCallbackQuery

from bot.delivery.outbox import Outbox
from bot.dispatcher import build_dispatcher
from bot.doctor.checkups import Checkups
from bot.keyboards.delivery import keyboard_for
from bot.texts import Texts
from bot.texts.delivery import ending, words_for_notice
from core import (
    Access,
    Administration,
    Attachments,
    Background,
    Broadcasts,
    Care,
    Dialogue,
    Entry,
    Feedback,
    Limits,
    OwnData,
    Problems,
    Result,
    Statistics,
    Users,
    Visions,
    access_over,
)
from core.care.help_lines import read_help_lines
from core.database.postgres import PostgresDatabase
from core.dialogue.deliveries import StoredDeliveries
from core.dialogue.turns import Turns
from core.files.local import LocalFiles
from core.isolated.processes import IsolatedProcesses
from tests.database import database_server, dsn
from tests.telegram import Person, RecordingSession

__all__ = ["database_server", "dsn"]

BOT_ID = 4242

STALE = "Кнопка устарела"
BLOCKED = TelegramForbiddenError(method=None, message="Forbidden: bot was blocked by the user")  # type: ignore[arg-type]

NewPerson = Callable[..., Person]
SendAll = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Product:
    """The areas as the bot uses them; turns are only queued, nobody answers."""

    db: PostgresDatabase
    access: Access
    administration: Administration
    users: Users
    visions: Visions
    dialogue: Dialogue
    attachments: Attachments
    store: LocalFiles
    statistics: Statistics
    checkups: Checkups
    results: list[Result]

    async def user_id(self, person: Person) -> str:
        row = await self.db.call(
            "sign_in",
            telegram_id=person.id,
            profile={"first_name": person.name, "language_code": person.language or ""},
            source_key="test",
        )
        return row["user_id"]

    async def said(self, person: Person) -> list[str]:
        """Everything the person has in the current vision, oldest first."""
        user_id = await self.user_id(person)
        return [entry.content for entry in await self.entries(user_id)]

    async def entries(self, user_id: str) -> list[Entry]:
        page = await self.visions.page(user_id, 0, 100)
        current = next(item for item in page.items if item.current)
        found: list[Entry] = []
        while portion := await self.dialogue.read(
            user_id, current.id, after=(found[-1].anchor, found[-1].part) if found else (0, 0)
        ):
            found += portion
        return found

    async def answer(
        self,
        person: Person,
        text: str,
        payload: dict[str, object] | None = None,
        *more: dict[str, Any],
    ) -> None:
        """Play the companion: answer all that waits, as a worker would. `more` are other parts."""
        row = await self.db.call(
            "claim_turns", worker="test", limit=1, lease_seconds=60, history=50, characters=16000
        )
        turn = row["turns"][0]
        part = {"sender": "assistant", "type": "text", "content": text, "payload": payload or {}}
        await self.db.call(
            "complete_turn",
            vision_id=turn["vision_id"],
            lease=turn["lease"],
            upto=turn["upto"],
            thread_id=None,
            parts={"items": [part, *more]},
            deliver_seconds=0,
        )

    async def vision_id(self, person: Person) -> str:
        page = await self.visions.page(await self.user_id(person), 0, 100)
        return next(item.id for item in page.items if item.current)

    async def kept(self, person: Person, content: bytes, index: int = 0) -> None:
        """The newest message's file is in the store, as a worker would have put it there."""
        user, vision = await self.user_id(person), await self.vision_id(person)
        entry = (await self.dialogue.history(user, vision, limit=1)).entries[-1]
        file = entry.payload["files"][index]
        blob = await self.store.put(vision, _once(content), limit=len(content))
        meta = {name: file[name] for name in ("kind", "name", "seconds", "telegram_id")}
        await self.db.call(
            "keep_file",
            user_id=user,
            message_id=entry.id,
            index=index,
            unique_id=file["unique_id"],
            file={"path": blob.path, "mime": file["mime"], "size": blob.size, "meta": meta},
        )

    async def heard(self, person: Person, words: str) -> None:
        """What the newest message's voice says, told to the person as a worker would."""
        await self._read(person, "ok", words, told=True)

    async def read(self, person: Person, words: str, state: str = "ok") -> None:
        """What the model is to know of the newest message's picture or document."""
        await self._read(person, state, words, told=False)

    async def _read(self, person: Person, state: str, words: str, *, told: bool) -> None:
        user, vision = await self.user_id(person), await self.vision_id(person)
        entry = (await self.dialogue.history(user, vision, limit=1)).entries[-1]
        file = entry.payload["files"][0]
        notice = {"notice": "transcript", "reply_to": file["message"]}
        await self.db.call(
            "save_reading",
            user_id=user,
            message_id=entry.id,
            index=0,
            unique_id=file["unique_id"],
            state=state,
            said=words,
            why=None,
            notice={"payload": notice, "content": words} if told else None,
            lease="test",
            thread_id=None,
            deliver_seconds=0,
        )

    async def made(self, person: Person, name: str, content: bytes, caption: str = "") -> None:
        """The companion answers with a file."""
        vision = await self.vision_id(person)
        blob = await self.store.put(vision, _once(content), limit=len(content))
        part = {
            "sender": "assistant",
            "type": "file_result",
            "content": caption,
            "payload": {"name": name},
            "file": {
                "path": blob.path,
                "mime": "application/octet-stream",
                "size": blob.size,
                "meta": {"kind": "document", "name": name, "made": True},
            },
        }
        await self.answer(person, "Держи", None, part)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def answers(session: RecordingSession) -> list[str | None]:
    """The answers to button presses, toasts or not."""
    return [call.text for call in session.sent(AnswerCallbackQuery)]


def refused(reason: str) -> TelegramBadRequest:
    return TelegramBadRequest(method=None, message=f"Bad Request: {reason}")  # type: ignore[arg-type]


async def _results(
    results: list[Result], counted: Callable[[int], None]
) -> AsyncGenerator[Result, None]:
    counted(len(results))
    for result in results:
        yield result


@pytest.fixture
async def product(dsn: str, tmp_path: Path) -> AsyncIterator[Product]:
    db = PostgresDatabase(dsn, pool_size=4)
    await db.open()
    background = Background()
    turns = Turns(db, background, worker="test", history=50, limit=10)
    store = LocalFiles(tmp_path / "files")
    await store.open()
    isolated = IsolatedProcesses()
    results: list[Result] = []
    yield Product(
        db,
        access_over(db),
        Administration(db),
        Users(db),
        Visions(db),
        Dialogue(db, turns),
        Attachments(db, store),
        store,
        Statistics(db, isolated),
        Checkups(Problems(db), background, lambda counted: _results(results, counted)),
        results,
    )
    await isolated.close()
    await background.drain(0)
    await db.close()


@pytest.fixture
def session() -> RecordingSession:
    return RecordingSession()


@pytest.fixture
def bot(session: RecordingSession) -> Bot:
    return Bot(f"{BOT_ID}:test", session=session)


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts()


@pytest.fixture
def dispatcher(product: Product, texts: Texts) -> Dispatcher:
    return dispatcher_of(product, texts, speaks=True)


@pytest.fixture
def mute(product: Product, texts: Texts) -> Dispatcher:
    """Of a server without a voice."""
    return dispatcher_of(product, texts, speaks=False)


def dispatcher_of(product: Product, texts: Texts, *, speaks: bool) -> Dispatcher:
    return build_dispatcher(
        access=product.access,
        administration=product.administration,
        users=product.users,
        limits=Limits(product.db),
        visions=product.visions,
        dialogue=product.dialogue,
        attachments=product.attachments,
        own_data=OwnData(product.db),
        feedback=Feedback(product.db),
        care=Care(read_help_lines("")),
        broadcasts=Broadcasts(product.db),
        statistics=product.statistics,
        checkups=product.checkups,
        speaks=speaks,
        texts=texts,
    )


@pytest.fixture
def votes() -> bool:
    """Whether there are 👍 and 👎 under answers."""
    return False


@pytest.fixture
async def outbox(product: Product, bot: Bot, texts: Texts, votes: bool) -> AsyncIterator[SendAll]:
    """Call it, and what waits to be sent is sent as the bot sends it."""
    background = Background()
    deliveries = StoredDeliveries(product.db, per_second=30)
    outbox = Outbox(
        bot,
        deliveries,
        background,
        keyboard_for=lambda delivery: keyboard_for(
            delivery, texts.words(delivery.language), votes=votes
        ),
        words_for=lambda delivery: words_for_notice(
            delivery.payload, texts.words(delivery.language)
        ),
        ending_for=lambda delivery: ending(delivery.payload, texts.words(delivery.language)),
        attachments=product.attachments,
    )

    async def send_all() -> None:
        while claimed := (await deliveries.claim(100)).deliveries:
            for delivery in claimed:
                await outbox.deliver(delivery)

    yield send_all
    await background.drain(1)


@pytest.fixture
def person(dispatcher: Dispatcher, bot: Bot) -> NewPerson:
    def new(**about: object) -> Person:
        return Person(dispatcher, bot, **about)  # type: ignore[arg-type]

    return new


@pytest.fixture
def anna(person: NewPerson) -> Person:
    return person(name="Аня", language="ru")


@pytest.fixture
def kate(person: NewPerson) -> Person:
    return person(name="Kate", language="en")
