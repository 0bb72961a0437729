"""Words to the operators and their answers, and what people think of the companion's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.database import Database
from core.dialogue.attachments import Attachment, Kind

PER_DAY = 10
"""Words of one person in 24 hours; the items of an album are one."""

FEEDBACK_CHARACTERS = 3_500
"""What fits one message of Telegram with what stands around it."""

THREAD_WORDS = 8

Vote = Literal[-1, 0, 1]
Side = Literal["person", "team"]


@dataclass(frozen=True, slots=True)
class Word:
    """One message, either way: text, or a file that Telegram keeps, with its caption."""

    text: str
    file: Attachment | None = None
    album: str | None = None

    @property
    def kind(self) -> str:
        return self.file.kind if self.file else "text"


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a word to the operators. `kept` is False where they have said enough for
    today; `first` is for the person to hear it: of an album's items only one is."""

    kept: bool
    first: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """An open talk in the list. `kind` and `text`, a beginning, are of its first word; `answered`:
    the team said the last one."""

    id: int
    user_id: str
    name: str
    kind: str
    text: str
    answered: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    by_team: bool
    word: Word
    about_answer: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """`words`: the last ones, oldest first."""

    id: int
    user_id: str
    name: str
    done: bool
    words: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Threads:
    total: int
    items: tuple[Thread, ...]


class Feedback:
    """What is asked of as an admin raises `Forbidden` for anybody else, and `NotFound` for a thread
    that is not there."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def give(
        self,
        user_id: str,
        word: Word,
        source_key: str,
        *,
        thread: int | None = None,
        message_id: int | None = None,
    ) -> Given:
        """A word to the operators, a new thread or the next word of one; about an answer of the
        companion, if `message_id` names it."""
        row = await self._db.call(
            "give_feedback",
            user_id=user_id,
            kind=word.kind,
            content=word.text,
            file=_row(word),
            thread=thread,
            message_id=message_id,
            source_key=source_key,
            per_day=PER_DAY,
        )
        return Given(kept=row["state"] == "kept", first=row["first"])

    async def answer(self, admin_id: str, thread: int, word: Word, source_key: str) -> None:
        """It goes to the person, once for each `source_key`."""
        await self._db.call(
            "answer_feedback",
            admin_id=admin_id,
            thread=thread,
            kind=word.kind,
            content=word.text,
            file=_row(word),
            source_key=source_key,
        )

    async def thread_of(
        self, user_id: str, telegram_message_id: int | None, album: str | None
    ) -> tuple[int, Side] | None:
        """Where a reply to that message of the bot goes, or the next item of that album; and who
        the person is in this talk."""
        row = await self._db.call(
            "feedback_thread", user_id=user_id, receipt=telegram_message_id, album=album
        )
        return (row["thread"], row["side"]) if row["thread"] is not None else None

    async def open_threads(self, admin_id: str, offset: int, limit: int) -> Threads:
        """The freshest first."""
        row = await self._db.call("list_feedback", admin_id=admin_id, offset=offset, limit=limit)
        return Threads(row["total"], tuple(map(_thread, row["items"])))

    async def talk(self, admin_id: str, thread: int) -> Talk:
        row = await self._db.call(
            "read_feedback", admin_id=admin_id, thread=thread, limit=THREAD_WORDS
        )
        return Talk(
            id=row["thread"],
            user_id=row["user_id"],
            name=row["name"] or "",
            done=row["status"] == "done",
            words=tuple(
                Said(
                    by_team=item["by_team"],
                    word=read_word(item),
                    about_answer=item["about_answer"],
                    created_at=datetime.fromisoformat(item["created_at"]),
                )
                for item in row["words"]
            ),
        )

    async def finish(self, admin_id: str, thread: int, *, done: bool) -> None:
        await self._db.call("finish_feedback", admin_id=admin_id, thread=thread, done=done)

    async def vote(self, user_id: str, message_id: int, vote: Vote) -> bool:
        """0 takes it back. Whether to ask what was wrong. Raises `NotFound` for what is no answer
        of the companion to this person."""
        row = await self._db.call("vote", user_id=user_id, message_id=message_id, vote=vote)
        return row["offer"]


def read_word(row: Mapping[str, Any]) -> Word:
    """From a row that has `text` and `file`."""
    file: dict[str, Any] | None = row["file"]
    if file is None:
        return Word(row["text"])
    kind: Kind = file["kind"]
    attachment = Attachment(
        file_id=None,
        path=None,
        kind=kind,
        name=file.get("name") or "",
        mime=file.get("mime") or "",
        size=file.get("size"),
        seconds=file.get("seconds"),
        telegram_id=file["telegram_id"],
    )
    return Word(row["text"], attachment, file.get("album"))


def _row(word: Word) -> dict[str, Any] | None:
    if word.file is None:
        return None
    file = word.file
    return {
        "kind": file.kind,
        "telegram_id": file.telegram_id,
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "seconds": file.seconds,
        "album": word.album,
    }


def _thread(row: dict[str, Any]) -> Thread:
    return Thread(
        id=row["thread"],
        user_id=row["user_id"],
        name=row["name"] or "",
        kind=row["kind"],
        text=row["text"],
        answered=row["answered"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )
