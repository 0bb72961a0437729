"""What is stored as the answer to a turn: words and files of the companion, notices of the app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.dialogue.crafting import KeptFile
from core.dialogue.incoming import READ
from core.dialogue.replying import Reply
from core.dialogue.tidying import tidied
from core.dialogue.turn import BURST, TURN_CHARACTERS, Turn
from core.speech.wording import spoken_text

ANSWER_CHARACTERS = 100_000
"""More comes only from a model that can't stop; the rest is cut, as of any unfinished answer."""

ALOUD_CHARACTERS = 800
"""A longer answer is summed up in its voice; the text is there to be read."""


def parts_of(
    turn: Turn,
    reply: Reply | None,
    said: str,
    given: Sequence[KeptFile],
    *,
    edited_late: bool,
    speaks: bool,
) -> list[dict[str, Any]]:
    """In the order in which they are told. `reply` is None when it was stopped at `said`; `given`
    are the files made meanwhile. `edited_late` when the person changed a message too late for it
    to count. `speaks` when there is a voice."""
    parts: list[dict[str, Any]] = about_files(turn)
    if reply and reply.care:
        return [*parts, _words(reply.text, care=True)]
    crowded = any(file.state == "many" for _, file in turn.files)
    if turn.omitted_characters:
        parts.append(notice("too_long", characters=turn.characters, limit=TURN_CHARACTERS))
    elif turn.count >= BURST and not crowded:
        parts.append(notice("burst", count=turn.count))
    if reply:
        parts += _text(reply)
    elif said.strip():
        parts.append(_words(tidied(said[:ANSWER_CHARACTERS]), stopped=True))
    elif not given:
        parts.append(notice("stopped"))
    parts += [file.part() for file in given]
    if reply and speaks and turn.wants_voice:
        parts += _voice(reply)
    if edited_late:
        parts.append(notice("edited_late"))
    _mark_all_but_last([part for part in parts if part["sender"] == "assistant"])
    return parts


def _mark_all_but_last(answer: Sequence[dict[str, Any]]) -> None:
    """What ends an answer has buttons that what is followed by more has not."""
    for part in answer[:-1]:
        part["payload"]["followed"] = True


def notice(name: str, **details: Any) -> dict[str, Any]:
    """Words of the app: the front end knows the notice by its name."""
    payload = {"notice": name, **details}
    return {"sender": "system", "type": "info", "content": "", "payload": payload}


def _text(reply: Reply) -> list[dict[str, Any]]:
    if not reply.text.strip():
        return []
    if reply.finished and len(reply.text) <= ANSWER_CHARACTERS:
        return [_words(reply.text)]
    return [_words(tidied(reply.text[:ANSWER_CHARACTERS]), unfinished=True)]


def _voice(reply: Reply) -> list[dict[str, Any]]:
    aloud = spoken_text(reply.text[:ANSWER_CHARACTERS]) if reply.finished else ""
    if not aloud:
        return []
    how = "whole" if len(aloud) <= ALOUD_CHARACTERS else "shortly"
    return [{"sender": "system", "type": "audio", "content": aloud, "payload": {"speak": how}}]


def about_files(turn: Turn) -> list[dict[str, Any]]:
    """What the person is told of files that were not read, or not wholly."""
    files = [file for _, file in turn.files]
    unread = [
        {"kind": file.kind, "name": file.name, "state": file.state}
        for file in files
        if file.state is not None and file.state not in READ
    ]
    cut = [{"kind": file.kind, "name": file.name} for file in files if file.state == "cut"]
    parts = [notice("unread", items=unread)] if unread else []
    return [*parts, notice("cut", items=cut)] if cut else parts


def _words(text: str, **marks: bool) -> dict[str, Any]:
    return {"sender": "assistant", "type": "text", "content": text, "payload": marks}
