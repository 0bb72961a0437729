"""Who is talking, in which language, and which question they still owe an answer to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal

from core.access import Level
from core.database import Database
from core.users.zones import zone_of

Language = Literal["ru", "en"]
Voice = Literal["off", "when_i_speak", "always"]
Question = Literal[
    "rename",
    "timezone",
    "broadcast",
    "admin_search",
    "admin_letter",
    "admin_limit",
    "admin_note",
    "feedback",
    "feedback_answer",
]

ASKED_MINUTES = 15
"""After that a text is again what it usually is: a message to the vision."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What Telegram tells of an account; nothing of it is trusted."""

    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """`subject` says what of: the id of a vision, a message, a thread, or whatever else the handler
    of the question has put there."""

    about: Question
    subject: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """`timezone` is an IANA name or a fixed offset such as `+05:30`, None while not told. Who has
    asked to be forgotten will be at `erase_at`, in UTC. `admitted` is false for newcomers to a bot
    that is closed to them."""

    user_id: str
    name: str
    language: Language
    timezone: str | None
    active_vision_id: str | None
    voice: Voice
    level: Level
    admitted: bool
    new: bool
    erase_at: datetime | None
    asked: Asked | None

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.timezone, self.language)


class Users:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def sign_in(self, telegram_id: int, profile: Profile, source_key: str) -> Person:
        """The person behind a Telegram account, created on first sight.

        `source_key` names the update, so that a repeated one sees the question it has answered.
        """
        row = await self._db.call(
            "sign_in",
            telegram_id=telegram_id,
            profile={
                "first_name": profile.first_name,
                "last_name": profile.last_name,
                "username": profile.username,
                "language_code": profile.language_code,
            },
            source_key=source_key,
        )
        return _person(row)

    async def set_language(self, user_id: str, language: Language) -> None:
        await self._db.call("set_language", user_id=user_id, language=language)

    async def set_timezone(self, user_id: str, timezone: str) -> None:
        """`timezone` must come from `Zone.name`."""
        await self._db.call("set_timezone", user_id=user_id, timezone=timezone)

    async def set_voice(self, user_id: str, voice: Voice) -> None:
        """When answers are also spoken."""
        await self._db.call("set_voice", user_id=user_id, voice=voice)

    async def ask(self, user_id: str, about: Question, subject: str | None = None) -> None:
        """The person's next text answers this question instead of going to the vision."""
        await self._db.call(
            "ask", user_id=user_id, about=about, subject=subject, minutes=ASKED_MINUTES
        )

    async def stop_asking(self, user_id: str) -> None:
        await self._db.call("ask", user_id=user_id, about=None, subject=None, minutes=0)

    async def answered(self, user_id: str, source_key: str) -> None:
        """This update was the answer; the ones after it are not, a repeat of it still is."""
        await self._db.call("answer_asked", user_id=user_id, source_key=source_key)

    async def set_unreachable(self, telegram_id: int) -> None:
        """Blocked or gone. `sign_in` makes them reachable again and sends what has waited."""
        await self._db.call("set_unreachable", telegram_id=telegram_id)


def _person(row: dict[str, Any]) -> Person:
    asked = row["asked"]
    return Person(
        user_id=row["user_id"],
        name=row["name"],
        language=row["language"],
        timezone=row["timezone"],
        active_vision_id=row["active_vision_id"],
        voice=row["voice"],
        level=row["level"],
        admitted=row["admitted"],
        new=row["new"],
        erase_at=datetime.fromisoformat(row["erase_at"]) if row["erase_at"] else None,
        asked=Asked(asked["about"], asked["subject"]) if asked else None,
    )
