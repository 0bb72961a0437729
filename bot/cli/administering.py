"""The acts of `python -m bot admin`: each does one thing and says what came of it."""

from __future__ import annotations

import argparse
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cli.admin_words import (
    card_lines,
    invite_line,
    log_line,
    person_line,
    total_line,
)
from bot.cli.asking import NoText, text_of
from bot.settings import Settings
from core import LIMITS, Core, DomainError, Level, LimitName

_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


class Refused(Exception):
    """The arguments ask for what there is not."""


@dataclass(frozen=True, slots=True)
class Console:
    core: Core
    settings: Settings
    operator: str

    async def who(self, name: str) -> str:
        """The user_id. Raises `NotFound` or `Conflict`."""
        return await self.core.administration.resolve(self.operator, name)


@dataclass(frozen=True, slots=True)
class Said:
    """For eyes, for programs, or `raw` for a file."""

    lines: Sequence[str] = ()
    value: Any = field(default=None)
    raw: bytes | None = None


Act = Callable[[Console, argparse.Namespace], Awaitable[Said]]

_REFUSALS = {
    "user_not_found": "there is no such person",
    "user_ambiguous": "several people have this name: use a user_id or a Telegram id",
    "admin_by_settings": "an admin by the settings is changed in ADMIN_IDS",
    "user_blocked": "they are shut out: unblock them first",
    "letter_empty": "there is nothing in the letter",
    "letter_too_long": "the letter is longer than 3,500 characters",
    "bad_limit": "a limit is a whole number, or `level`",
    "invite_bounds": "an invite has 1 to 10,000 uses and holds for 1 to 366 days",
    "erasing": "it has begun, and there is no way back",
    "invite_not_found": "there is no such invite",
    "broadcast_not_found": "there is no such broadcast",
    "nobody": "there is nobody whom it would go to",
    "thread_not_found": "there is no such thread",
}


def refusal(error: DomainError | NoText | Refused) -> str:
    return _REFUSALS.get(str(error), str(error))


async def users(console: Console, asked: argparse.Namespace) -> Said:
    found = await console.core.administration.find(
        console.operator,
        asked.query,
        order="new" if asked.new else "seen",
        offset=asked.offset,
        limit=asked.limit,
    )
    lines = [*map(person_line, found.items), total_line(len(found.items), found.total)]
    return Said(lines, {"total": found.total, "items": found.items})


async def user(console: Console, asked: argparse.Namespace) -> Said:
    user_id = await console.who(asked.who)
    card = await console.core.administration.card(console.operator, user_id)
    return Said(card_lines(card), card)


def level(to: Level | None) -> Act:
    async def give(console: Console, asked: argparse.Namespace) -> Said:
        user_id = await console.who(asked.who)
        changed = await console.core.administration.set_level(console.operator, user_id, to)
        return _changed(user_id, changed)

    return give


async def unblock(console: Console, asked: argparse.Namespace) -> Said:
    user_id = await console.who(asked.who)
    changed = await console.core.administration.unblock(console.operator, user_id)
    return _changed(user_id, changed)


async def dismiss(console: Console, asked: argparse.Namespace) -> Said:
    user_id = await console.who(asked.who)
    card = await console.core.administration.card(console.operator, user_id)
    if card.line.by_settings:
        raise Refused("admin_by_settings")
    if card.line.given != "admin":
        return _changed(user_id, False)
    administration = console.core.administration
    return _changed(user_id, await administration.set_level(console.operator, user_id, "member"))


async def limit(console: Console, asked: argparse.Namespace) -> Said:
    limits = dict(map(_limit, asked.limits))
    user_id = await console.who(asked.who)
    administration = console.core.administration
    return _changed(user_id, await administration.set_limits(console.operator, user_id, limits))


async def write(console: Console, asked: argparse.Namespace) -> Said:
    text = await text_of(asked.text)
    user_id = await console.who(asked.who)
    written = await console.core.administration.write_to(
        console.operator, user_id, text, f"console:{asked.key or secrets.token_hex(16)}"
    )
    if not written.new:
        said = "sent before"
    elif written.reachable:
        said = "on its way: the running bot sends it"
    else:
        said = "kept: it is sent when they unblock the bot"
    return Said([said], written)


async def invite(console: Console, asked: argparse.Namespace) -> Said:
    invites = console.core.access.invites
    made, code = await invites.make(
        console.operator, uses=asked.uses, hours=asked.days * 24, note=asked.note
    )
    link = await _link(console.settings, code)
    lines = [link or f"i_{code}"]
    if not link:
        print(
            "Telegram does not tell the bot's name now: the link is https://t.me/<bot>?start="
            f"i_{code}",
            file=sys.stderr,
        )
    return Said(lines, {"invite": made, "code": code, "link": link})


async def invites(console: Console, asked: argparse.Namespace) -> Said:
    page = await console.core.access.invites.page(console.operator, asked.offset, asked.limit)
    lines = [*map(invite_line, page.items), total_line(len(page.items), page.total)]
    return Said(lines, {"total": page.total, "items": page.items})


async def revoke(console: Console, asked: argparse.Namespace) -> Said:
    revoked = await console.core.access.invites.revoke(console.operator, asked.invite)
    return Said([invite_line(revoked)], revoked)


async def log(console: Console, asked: argparse.Namespace) -> Said:
    page = await console.core.administration.log(console.operator, asked.offset, asked.limit)
    lines = [*map(log_line, page.items), total_line(len(page.items), page.total)]
    return Said(lines, {"total": page.total, "items": page.items})


ACTS: dict[str, Act] = {
    "users": users,
    "user": user,
    "allow": level("member"),
    "block": level("blocked"),
    "unblock": unblock,
    "appoint": level("admin"),
    "dismiss": dismiss,
    "reset": level(None),
    "limit": limit,
    "write": write,
    "invite": invite,
    "invites": invites,
    "revoke": revoke,
    "log": log,
}


def _limit(asked: str) -> tuple[LimitName, int | None]:
    name, _, value = asked.partition("=")
    for known in LIMITS:
        if name == known and value == "level":
            return known, None
        if name == known and _NUMBER.fullmatch(value):
            return known, int(value)
    raise Refused(f"{asked}: a limit looks like {LIMITS[0]}=5000 or {LIMITS[0]}=level")


def _changed(user_id: str, changed: bool) -> Said:
    said = "done" if changed else "it was so already"
    return Said([f"{user_id}: {said}"], {"user_id": user_id, "changed": changed})


async def _link(settings: Settings, code: str) -> str | None:
    """None where Telegram can't be asked how the bot is called."""
    if settings.on_playground:
        return None
    from aiogram.exceptions import AiogramError

    from bot.start_links import invite_link
    from bot.telegram import build_bot

    bot = build_bot(settings.bot_token.get_secret_value(), settings.telegram_api_url or None, 1)
    try:
        me = await bot.me()
    except (AiogramError, OSError):
        return None
    finally:
        await bot.session.close()
    return invite_link(me.username or "", code)
