"""Acts of `python -m bot admin` about being forgotten: for who has asked the operators for it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from bot.cli.administering import Act, Console, Refused, Said
from bot.cli.asking import agreed


async def erase(console: Console, asked: argparse.Namespace) -> Said:
    user_id = await console.who(asked.who)
    if asked.now and not asked.yes and not agreed(_question(user_id)):
        raise Refused("say --yes to leave them no time to change their mind")
    at = await console.core.own_data.erase_user(console.operator, user_id, at_once=asked.now)
    when = "as soon as a bot runs" if asked.now else f"{at:%Y-%m-%d %H:%M} UTC"
    said = f"{user_id} will be erased: {when}"
    return Said([said], {"user_id": user_id, "erase_at": at})


async def keep(console: Console, asked: argparse.Namespace) -> Said:
    user_id = await console.who(asked.who)
    kept = await console.core.own_data.keep_user(console.operator, user_id)
    said = "stays, with everything as it was" if kept else "was not leaving"
    return Said([f"{user_id} {said}"], {"user_id": user_id, "changed": kept})


def _question(user_id: str) -> str:
    return f"Erase everything of {user_id} at once, for good?"


ERASING: Mapping[str, Act] = {"erase": erase, "keep": keep}
