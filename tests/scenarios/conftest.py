"""The whole bot without a network: real routers, texts and database, a recording Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import AnswerCallbackQuery

from bot.dispatcher import build_dispatcher
from bot.texts import Texts
from core import Attachments, Background, Dialogue, Entry, Users, Visions
from core.database.postgres import PostgresDatabase
from core.dialogue.turns import Turns
from core.files.local import LocalFiles
from tests.database import database_server, dsn
from tests.telegram import Person, RecordingSession

__all__ = ["database_server", "dsn"]

BOT_ID = 4242

STALE = "Кнопка устарела"
BLOCKED = TelegramForbiddenError(method=None, message="Forbidden: bot was blocked by the user")  # type: ignore[arg-type]

NewPerson = Callable[..., Person]


@dataclass(frozen=True, slots=True)
class Product:
    """The areas as the bot uses them; turns are only queued, nobody answers."""

    db: PostgresDatabase
    users: Users
    visions: Visions
    dialogue: Dialogue
    attachments: Attachments
    store: LocalFiles

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
            deliver_seconds=60,
        )

    async def made(self, person: Person, name: str, content: bytes, caption: str = "") -> None:
        """The companion answers with a file."""
        user = await self.user_id(person)
        page = await self.visions.page(user, 0, 100)
        vision = next(item.id for item in page.items if item.current)
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


@pytest.fixture
async def product(dsn: str, tmp_path: Path) -> AsyncIterator[Product]:
    db = PostgresDatabase(dsn, pool_size=4)
    await db.open()
    background = Background()
    turns = Turns(db, background, worker="test", history=50, limit=10)
    store = LocalFiles(tmp_path / "files")
    await store.open()
    yield Product(db, Users(db), Visions(db), Dialogue(db, turns), Attachments(db, store), store)
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
    return _dispatcher(product, texts, speaks=True)


@pytest.fixture
def mute(product: Product, texts: Texts) -> Dispatcher:
    """Of a server without a voice."""
    return _dispatcher(product, texts, speaks=False)


def _dispatcher(product: Product, texts: Texts, *, speaks: bool) -> Dispatcher:
    return build_dispatcher(
        users=product.users,
        visions=product.visions,
        dialogue=product.dialogue,
        attachments=product.attachments,
        speaks=speaks,
        texts=texts,
    )


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
