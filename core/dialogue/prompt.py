"""What the model is given for one turn: what never changes first, what always changes last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from typing import Literal

from core.dialogue.incoming import IncomingFile
from core.llm import ChatMessage
from core.llm.prompts import filled, prompt

# One Telegram message has at most 4096 characters; of older walls of text the two ends suffice.
MESSAGE_CHARACTERS = 4_000
# About 20,000 tokens of Russian: fifty messages of usual length fit several times, and a dialogue
# of walls of text can't make a turn a hundred times dearer than its neighbours.
HISTORY_CHARACTERS = 60_000
# What one turn reads at most; the rest is kept, and the person and the model are told.
TURN_CHARACTERS = 16_000
# Names and titles come from people and may be prompts in disguise; real ones are shorter.
_NAME_CHARACTERS = 64
TITLE_CHARACTERS = 120

_GAP = " […] "

# What was read in these has limits of its own, and brackets of its own around it; towards the turn
# it counts as so much.
_SHOWN = frozenset({"image", "file"})
_SHOWN_COUNTS = 100


@dataclass(frozen=True, slots=True)
class Said:
    """One stored message. `content` is the text, the transcript or the description of a file.

    `id` and `files` are known of unanswered messages only.
    """

    sender: Literal["user", "assistant"]
    type: str
    content: str
    id: int = 0
    files: tuple[IncomingFile, ...] = ()


def companion_messages(
    *,
    language: str,
    name: str | None,
    local_time: datetime,
    vision_title: str,
    vision_created: datetime,
    history: Sequence[Said],
    unanswered: Sequence[Said],
    history_limit: int | None = None,
    omitted_characters: int = 0,
    cared: bool = False,
) -> list[ChatMessage]:
    """Persona, history, a note about here and now, and the unanswered messages one by one.

    `history` and `unanswered` are in order, oldest first. `local_time` is in the person's zone.
    `history_limit` is the number of messages the history was read with: a full window slides with
    every turn, so it is not worth caching. `omitted_characters` of the unanswered text were left
    out before. `cared`: lately the person was in danger and got the fixed answer to that.
    """
    told = _newest(history)
    fresh, left_out = _oldest(unanswered)
    slides = len(told) < len(history) or (history_limit is not None and len(told) >= history_limit)
    omitted = omitted_characters + left_out
    note = filled(
        "note",
        language,
        vision_title=quoted(vision_title, TITLE_CHARACTERS),
        vision_created=vision_created.astimezone(local_time.tzinfo).strftime("%Y-%m-%d"),
        name=quoted(name, _NAME_CHARACTERS) if name else None,
        local_time=local_time.strftime("%Y-%m-%d %H:%M, %A"),
        omitted=str(omitted) if omitted else None,
        care=prompt("care", language) if cared else None,
    )
    return [
        ChatMessage("system", prompt("companion", language), cache_point=True),
        *_history(told, caching=not slides),
        ChatMessage("system", note),
        *(ChatMessage("user", text) for text in fresh),
    ]


def _history(told: Sequence[Said], *, caching: bool) -> Iterable[ChatMessage]:
    users = [number for number, said in enumerate(told) if said.sender == "user"]
    point = users[-1] if users and caching else None
    for number, said in enumerate(told):
        text = shortened(_marked(said), MESSAGE_CHARACTERS)
        yield ChatMessage(said.sender, text, cache_point=number == point)


def _newest(history: Sequence[Said]) -> Sequence[Said]:
    lengths = [min(len(_marked(said)), MESSAGE_CHARACTERS) for said in reversed(history)]
    kept = sum(1 for total in accumulate(lengths) if total <= HISTORY_CHARACTERS)
    return history[len(history) - kept :]


def _oldest(unanswered: Sequence[Said]) -> tuple[list[str], int]:
    texts: list[str] = []
    left = TURN_CHARACTERS
    omitted = 0
    for said in unanswered:
        shown = said.type in _SHOWN
        length = min(len(said.content), _SHOWN_COUNTS) if shown else len(said.content)
        if left > 0:
            whole = said if shown else replace(said, content=said.content[:left])
            texts.append(_marked(whole))
        omitted += max(0, length - left)
        left = max(0, left - length)
    return texts, omitted


def _marked(said: Said) -> str:
    if said.type == "text" or said.type in _SHOWN:
        return said.content
    return f"[{said.type}] {said.content}".rstrip()


def shortened(text: str, limit: int) -> str:
    """The two ends of a longer text."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    return text[:head] + _GAP + text[head + len(_GAP) - limit :]


def quoted(text: str, limit: int) -> str:
    """As a JSON string: one line, and no way to close the quotes from inside."""
    return json.dumps(text[:limit], ensure_ascii=False)
