"""Broadcasts of `python -m bot admin`: a text to many people, and what is under way."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

from bot.cli.admin_words import broadcast_line, total_line
from bot.cli.administering import Act, Console, Refused, Said
from bot.cli.asking import agreed, text_of
from bot.delivery.pages import units
from bot.delivery.text import is_blank
from bot.texts.broadcast import AUDIENCES
from core import Broadcast, BroadcastContent, CoreError, NotFound

TEXT_UNITS = 4096
"""Of UTF-16: Telegram's own bound of a message."""


async def broadcasts(console: Console, asked: argparse.Namespace) -> Said:
    known, total = await console.core.broadcasts.list(console.operator, asked.offset, asked.limit)
    lines = [*map(_line, known), total_line(len(known), total)]
    return Said(lines, {"total": total, "items": known})


async def broadcast(console: Console, asked: argparse.Namespace) -> Said:
    content = _content((await text_of(asked.text)).strip())
    broadcasts = console.core.broadcasts
    key = f"console:{asked.key or secrets.token_hex(16)}"
    try:
        found = await broadcasts.draft(console.operator, content, key)
    except NotFound:
        raise Refused("somebody else has used this key: nothing is sent") from None
    if found.status != "draft":
        return Said(["sent before", _line(found)], {"new": False, "broadcast": found})
    try:
        found = await broadcasts.choose(console.operator, found.id, AUDIENCES[asked.to])
        _make_sure(found, asked)
        found = await broadcasts.confirm(console.operator, found.id)
    except NotFound:
        # One operator has one draft.
        raise Refused("a newer broadcast of yours took its place: nothing is sent") from None
    except BaseException:
        # Nothing is dropped but a draft: what was confirmed after all goes out.
        with contextlib.suppress(CoreError):
            await broadcasts.drop(console.operator, found.id)
        raise
    lines = [f"on its way to {_people(found)}: the running bot sends it", _line(found)]
    return Said(lines, {"new": True, "broadcast": found})


def change(to: Literal["sending", "paused", "stopped"]) -> Act:
    async def turn(console: Console, asked: argparse.Namespace) -> Said:
        broadcasts = console.core.broadcasts
        found, changed = await broadcasts.change(console.operator, asked.broadcast, to)
        if found.status != to:
            raise Refused(f"broadcast {found.id} is {found.status}: it stays so")
        said = "done" if changed else "it was so already"
        return Said([f"{found.id}: {said}", _line(found)], {"changed": changed, "broadcast": found})

    return turn


BROADCASTS: Mapping[str, Act] = {
    "broadcasts": broadcasts,
    "broadcast": broadcast,
    "broadcast-pause": change("paused"),
    "broadcast-resume": change("sending"),
    "broadcast-stop": change("stopped"),
}


def _content(text: str) -> BroadcastContent:
    if is_blank(text):
        raise Refused("there is nothing in the broadcast")
    if units(text) > TEXT_UNITS:
        raise Refused("the broadcast is longer than 4,096 characters")
    return BroadcastContent(kind="text", text=text, entities=(), file_id=None, options={})


def _make_sure(found: Broadcast, asked: argparse.Namespace) -> None:
    if not found.people:
        raise Refused("nobody")
    whom = f"{_people(found)} ({asked.to})"
    if asked.yes:
        print(f"It goes to {whom}.", file=sys.stderr)
    elif not agreed(f"It would go to {whom}, as plain text. Send it?"):
        raise Refused(f"it would go to {whom}: say --yes, nothing is sent")


def _people(found: Broadcast) -> str:
    return "1 person" if found.people == 1 else f"{found.people:,} people"


def _line(found: Broadcast) -> str:
    names: Sequence[str] = [name for name, known in AUDIENCES.items() if known == found.audience]
    return broadcast_line(found, names[0] if names else "some")
