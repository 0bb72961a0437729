"""Links that start the bot with something to open it by: t.me/<bot>?start=<payload>."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["invite", "account"]

_PREFIXES: dict[str, Kind] = {"i_": "invite", "u_": "account"}
_START = re.compile(r"/start(?:@\w+)?\s+([iu]_)([A-Za-z0-9_-]{1,62})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """`code` is as the person sent it: checked in the database alone."""

    kind: Kind
    code: str


def key_in(text: str | None) -> Key | None:
    """What the words of a /start open the bot by, None for any other payload."""
    found = _START.fullmatch(text or "")
    return Key(_PREFIXES[found[1]], found[2]) if found else None


def invite_link(bot_username: str, code: str) -> str:
    return f"https://t.me/{bot_username}?start=i_{code}"
