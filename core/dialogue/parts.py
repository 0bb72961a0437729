"""What is stored as the answer to a turn: the companion's words, and the app's notices."""

from __future__ import annotations

from typing import Any

from core.dialogue.tidying import tidied
from core.dialogue.turn import BURST, TURN_CHARACTERS, Turn
from core.llm.answering import Answer


def parts_of(
    turn: Turn, answer: Answer | None, said: str, *, edited_late: bool
) -> list[dict[str, Any]]:
    """In the order in which they are told. `answer` is None when it was stopped at `said`;
    `edited_late` when the person changed a message too late for it to count."""
    parts: list[dict[str, Any]] = []
    if turn.omitted_characters:
        parts.append(notice("too_long", characters=turn.characters, limit=TURN_CHARACTERS))
    elif turn.count >= BURST:
        parts.append(notice("burst", count=turn.count))
    if answer and answer.finished:
        parts.append(_words(answer.text))
    elif answer:
        parts.append(_words(tidied(answer.text), unfinished=True))
    elif said.strip():
        parts.append(_words(tidied(said), stopped=True))
    else:
        parts.append(notice("stopped"))
    if edited_late:
        parts.append(notice("edited_late"))
    return parts


def _words(text: str, **marks: bool) -> dict[str, Any]:
    return {"sender": "assistant", "type": "text", "content": text, "payload": marks}


def notice(name: str, **details: int) -> dict[str, Any]:
    """Words of the app: the front end knows the notice by its name."""
    payload = {"notice": name, **details}
    return {"sender": "system", "type": "info", "content": "", "payload": payload}
