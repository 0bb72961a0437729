"""What is stored as the answer to a turn: words and files of the companion, notices of the app."""

from __future__ import annotations

from typing import Any

from core.dialogue.companion import Reply
from core.dialogue.incoming import READ
from core.dialogue.tidying import tidied
from core.dialogue.turn import BURST, TURN_CHARACTERS, Turn
from core.speech.wording import spoken_text

ALOUD_CHARACTERS = 800
"""A longer answer is summed up in its voice; the text is there to be read."""


def parts_of(
    turn: Turn, reply: Reply | None, said: str, *, edited_late: bool, speaks: bool
) -> list[dict[str, Any]]:
    """In the order in which they are told. `reply` is None when it was stopped at `said`;
    `edited_late` when the person changed a message too late for it to count. `speaks` when there
    is a voice."""
    parts: list[dict[str, Any]] = [*_about_files(turn)]
    if turn.omitted_characters:
        parts.append(notice("too_long", characters=turn.characters, limit=TURN_CHARACTERS))
    elif turn.count >= BURST:
        parts.append(notice("burst", count=turn.count))
    if reply:
        parts += _given(turn, reply, speaks=speaks)
    elif said.strip():
        parts.append(_words(tidied(said), stopped=True))
    else:
        parts.append(notice("stopped"))
    if edited_late:
        parts.append(notice("edited_late"))
    return parts


def notice(name: str, **details: Any) -> dict[str, Any]:
    """Words of the app: the front end knows the notice by its name."""
    payload = {"notice": name, **details}
    return {"sender": "system", "type": "info", "content": "", "payload": payload}


def _given(turn: Turn, reply: Reply, *, speaks: bool) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if reply.text.strip():
        text = reply.text if reply.finished else tidied(reply.text)
        marks = {} if reply.finished else {"unfinished": True}
        parts.append(_words(text, **marks))
    parts += [file.part() for file in reply.files]
    if speaks and turn.wants_voice and reply.finished and (aloud := spoken_text(reply.text)):
        how = "whole" if len(aloud) <= ALOUD_CHARACTERS else "shortly"
        parts.append(
            {"sender": "system", "type": "audio", "content": aloud, "payload": {"speak": how}}
        )
    return parts


def _about_files(turn: Turn) -> list[dict[str, Any]]:
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
