"""Troubles that admins hear of: each once, and once that it is over, from whichever process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.database import Database
from core.problems.bounds import LASTS_SECONDS, SETTLE_SECONDS

WORD_LEASE_SECONDS = 60
CHECKUP_SECONDS = 120

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Admin:
    """A chat to write to. `language` is `ru` or `en`, `timezone` None while not told."""

    telegram_id: int
    user_id: str
    language: str
    timezone: str | None
    reachable: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands that a chat should show, and does not: an admin's or not, in this language."""

    telegram_id: int
    language: str
    admin: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """`name` says what kind of a trouble, `about` which of its kind (a setting, a machine).
    `details` are figures and machine names. `since` is in UTC, `seconds` how long it has lasted."""

    name: str
    about: str
    details: Details
    since: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class ProblemWord:
    """An admin is to be told that a problem is there (`open`), or is over. `attempt` counts from
    1."""

    problem: Problem
    open: bool
    admin_id: int
    language: str
    timezone: str | None
    attempt: int
    lease: str


@dataclass(frozen=True, slots=True)
class Open:
    """A problem that is there; `renewed_seconds` ago it was last met."""

    name: str
    about: str
    renewed_seconds: float


@dataclass(frozen=True, slots=True)
class ClaimedWords:
    """`now` is the time by the database's clock."""

    words: Sequence[ProblemWord]
    open: Sequence[Open]
    now: datetime


class Problems:
    """All raise `Unavailable` while the database is away."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def admins(self) -> list[Admin]:
        """Of the settings and appointed in the chat, without those who have never written."""
        row = await self._db.call("list_admins")
        return [Admin(**each) for each in row["admins"]]

    async def menus(self) -> list[Menu]:
        """Of those who have become admins, or are none any more, or speak another language now."""
        row = await self._db.call("list_menus")
        return [Menu(**each) for each in row["menus"]]

    async def shown(self, menu: Menu) -> None:
        await self._db.call(
            "mark_menu", telegram_id=menu.telegram_id, language=menu.language, admin=menu.admin
        )

    async def open(self, admin_id: str) -> list[Problem]:
        """The oldest first. Raises `Forbidden` for who is no admin."""
        row = await self._db.call("list_problems", admin_id=admin_id)
        return [_problem(item) for item in row["items"]]

    async def put(self, name: str, about: str, details: Details) -> None:
        """It is there, or still there. May be repeated at will."""
        await self._db.call(
            "raise_problem",
            name=name,
            about=about,
            details=details,
            settle_seconds=SETTLE_SECONDS[name],
            lasts_seconds=LASTS_SECONDS.get(name),
        )

    async def clear(self, name: str, about: str, seconds: float) -> None:
        """It is over, as was seen `seconds` ago; not if it was met since."""
        await self._db.call("clear_problem", name=name, about=about, seconds=seconds)

    async def claim(self, limit: int = 20) -> ClaimedWords:
        """What is to be told, by this process alone until `WORD_LEASE_SECONDS` are over."""
        row = await self._db.call(
            "claim_problem_words", limit=limit, lease_seconds=WORD_LEASE_SECONDS
        )
        return ClaimedWords(
            [_word(word) for word in row["words"]],
            [Open(**each) for each in row["open"]],
            datetime.fromisoformat(row["now"]),
        )

    async def told(self, word: ProblemWord) -> None:
        await self._db.call("tell_problem_word", **_key(word), open=word.open)

    async def postpone(self, word: ProblemWord, seconds: int) -> None:
        await self._db.call("postpone_problem_word", **_key(word), seconds=seconds)

    async def begin_checkup(self, admin_id: str, holder: str) -> bool:
        """False while another checkup of this admin runs. Raises `Forbidden` for who is none."""
        row = await self._db.call(
            "begin_checkup", admin_id=admin_id, holder=holder, seconds=CHECKUP_SECONDS
        )
        return row["held"]

    async def end_checkup(self, admin_id: str, holder: str) -> None:
        await self._db.call("end_checkup", admin_id=admin_id, holder=holder)


def _problem(row: Mapping[str, Any]) -> Problem:
    return Problem(
        row["name"],
        row["about"],
        row["details"],
        datetime.fromisoformat(row["since"]),
        row["seconds"],
    )


def _word(row: Mapping[str, Any]) -> ProblemWord:
    return ProblemWord(
        problem=_problem(row),
        open=row["open"],
        admin_id=row["telegram_id"],
        language=row["language"],
        timezone=row["timezone"],
        attempt=row["attempt"],
        lease=row["lease"],
    )


def _key(word: ProblemWord) -> dict[str, str | int]:
    return {
        "name": word.problem.name,
        "about": word.problem.about,
        "telegram_id": word.admin_id,
        "lease": word.lease,
    }
