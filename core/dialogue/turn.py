"""One turn: all unanswered messages of a vision, and everything needed to answer them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.dialogue.prompt import TURN_CHARACTERS, Said

BURST = 20
"""From so many messages in one turn on, the person is told that one answer is for all of them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`upto` is the last message the answer stands for; `characters` counts all unanswered text,
    `unanswered` holds no more than `TURN_CHARACTERS` of it. `draft_id` names the preview."""

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
    title: str
    vision_created_at: datetime
    count: int
    characters: int
    unanswered: tuple[Said, ...]
    history: tuple[Said, ...]

    @property
    def omitted_characters(self) -> int:
        return max(0, self.characters - TURN_CHARACTERS)


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
        title=row["title"],
        vision_created_at=datetime.fromisoformat(row["vision_created_at"]),
        count=row["count"],
        characters=row["characters"],
        unanswered=tuple(map(_said, row["unanswered"])),
        history=tuple(map(_said, row["history"])),
    )


def _said(row: dict[str, Any]) -> Said:
    return Said(sender=row["sender"], type=row["type"], content=row["content"])
