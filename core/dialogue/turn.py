"""One turn: all unanswered messages of a vision, and everything needed to answer them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.dialogue.incoming import READ, IncomingFile, read_files
from core.dialogue.prompt import TURN_CHARACTERS, Said
from core.users import Voice

BURST = 20
"""From so many messages in one turn on, the person is told that one answer is for all of them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`upto` is the last message the answer stands for; `characters` counts all unanswered text,
    `unanswered` holds no more than `TURN_CHARACTERS` of it. `draft_id` names the preview,
    `waited_seconds` is how long the turn was in the queue, None where that is not known. `cared`:
    lately the person was in danger and got the fixed answer to that."""

    vision_id: str
    lease: str
    attempt: int
    draft_id: int
    stop_requested: bool
    upto: int
    thread_id: int | None
    user_id: str
    chat_id: int | None
    language: str
    name: str
    timezone: str | None
    voice: Voice
    title: str
    vision_created_at: datetime
    count: int
    characters: int
    unanswered: tuple[Said, ...]
    history: tuple[Said, ...]
    waited_seconds: float | None
    cared: bool = False

    @property
    def omitted_characters(self) -> int:
        return max(0, self.characters - TURN_CHARACTERS)

    @property
    def files(self) -> tuple[tuple[Said, IncomingFile], ...]:
        """Everything attached to the unanswered messages, in order."""
        return tuple((said, file) for said in self.unanswered for file in said.files)

    @property
    def has_words(self) -> bool:
        """Whether there is anything to answer but files that could not be read."""
        return any(
            not said.files or any(file.caption or file.state in READ for file in said.files)
            for said in self.unanswered
        )

    @property
    def wants_voice(self) -> bool:
        spoken = any(said.type == "audio" for said in self.unanswered)
        return self.voice == "always" or (self.voice == "when_i_speak" and spoken)


def read_turn(row: dict[str, Any]) -> Turn:
    user = row["user"]
    return Turn(
        vision_id=row["vision_id"],
        lease=row["lease"],
        attempt=row["attempt"],
        draft_id=row["draft_id"],
        stop_requested=row["stop_requested"],
        upto=row["upto"],
        thread_id=row["thread_id"],
        user_id=user["user_id"],
        chat_id=user["chat_id"],
        language=user["language"],
        name=user["name"] or "",
        timezone=user["timezone"],
        voice=user["voice"],
        title=row["title"],
        vision_created_at=datetime.fromisoformat(row["vision_created_at"]),
        count=row["count"],
        characters=row["characters"],
        unanswered=tuple(map(_said, row["unanswered"])),
        history=tuple(map(_said, row["history"])),
        waited_seconds=row.get("waited_seconds"),
        cared=row.get("cared", False),
    )


def _said(row: dict[str, Any]) -> Said:
    return Said(
        sender=row["sender"],
        type=row["type"],
        content=row["content"],
        id=row.get("id", 0),
        files=read_files(row.get("files")),
    )
