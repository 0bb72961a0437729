"""python -m bot admin: what admins do in the chat, for the command line and for scripts."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.cli.administering import Said

HELP = "people, invites, limits, letters and numbers, without the chat"

_DONE, _REFUSED, _INTERRUPTED = 0, 1, 130

_WHO = "a user_id, a Telegram id or a @username"
_LEVELS = {
    "allow": "let a person in: a member from now on",
    "block": "shut a person out: one polite word, and silence after",
    "unblock": "back to what they were before",
    "appoint": "make a person an admin",
    "dismiss": "an admin becomes a member",
    "reset": "back to what the access mode makes of everybody",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        f"WHO is {_WHO}. Exit code: 0 done (also where it was so already), 1 refused, 2 wrong"
        " settings or arguments. Every act is written to the log as console:<your name here>."
    )
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)

    def act(name: str, said: str) -> argparse.ArgumentParser:
        added = acts.add_parser(name, help=said, description=said)
        added.add_argument("--json", action="store_true", help="for programs")
        return added

    users = act("users", "people, last seen first, or those found by a name")
    users.add_argument("query", nargs="?", default="", help="a part of a name, or a whole id")
    users.add_argument("--new", action="store_true", help="newest first")
    _pages(users)
    act("user", "one person's card").add_argument("who", help=_WHO)
    for name, said in _LEVELS.items():
        act(name, said).add_argument("who", help=_WHO)
    limit = act("limit", "limits of one person")
    limit.add_argument("who", help=_WHO)
    limit.add_argument(
        "limits",
        nargs="+",
        metavar="NAME=VALUE",
        help="tokens_per_day, messages_per_minute or messages_per_day; a number, 0 for no limit,"
        " `level` for what the level has",
    )
    write = act("write", "a letter to one person, outside of their dialogues")
    write.add_argument("who", help=_WHO)
    write.add_argument("text", nargs="?", help="from the standard input if it is left out")
    write.add_argument("--key", help="the same key sends the letter once")
    invite = act("invite", "make an invite and print its link, this once")
    invite.add_argument("--uses", type=int, default=1, help="1 to 10,000 (default 1)")
    invite.add_argument("--days", type=int, default=7, help="1 to 366 (default 7)")
    invite.add_argument("--note", default="", help="for admins alone")
    _pages(act("invites", "invites, newest first"))
    act("revoke", "nobody more comes in by this invite").add_argument("invite", type=int)
    _pages(act("log", "what admins did, newest first"))
    erase = act("erase", "everything of a person who has asked to be forgotten, in 7 days")
    erase.add_argument("who", help=_WHO)
    erase.add_argument("--now", action="store_true", help="no days to change their mind")
    erase.add_argument("--yes", action="store_true", help="with --now: don't ask")
    act("keep", "somebody who was to be erased stays").add_argument("who", help=_WHO)
    numbers = act("numbers", "of the last days: people, answers, delays, tokens, money")
    numbers.add_argument("--days", type=int, default=7, help="1 to 31 (default 7)")
    tables = act("csv", "each of the last days as CSV")
    tables.add_argument("--days", type=int, default=31, help="1 to 366 (default 31)")
    tables.add_argument("--calls", action="store_true", help="by model and purpose")
    spenders = act("spenders", "who takes most tokens")
    spenders.add_argument("--days", type=int, default=31, help="1 to 366 (default 31)")
    _pages(spenders)
    tokens = act("tokens", "one person's tokens by vision")
    tokens.add_argument("who", help=_WHO)
    tokens.add_argument("--days", type=int, default=31, help="1 to 366 (default 31)")


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.administering import ACTS
    from bot.cli.administering_numbers import NUMBERS
    from bot.cli.erasing import ERASING

    if settings.log_level != "DEBUG":
        logging.disable(logging.INFO)
    acts: dict[str, Callable[..., Awaitable[Said]]] = {**ACTS, **NUMBERS, **ERASING}
    return asyncio.run(_act(settings, acts[arguments.act], arguments))


async def _act(
    settings: Settings, act: Callable[..., Awaitable[Said]], arguments: argparse.Namespace
) -> int:
    import orjson

    from bot.cli.administering import Console, Refused, refusal
    from core import Core, DomainError

    core = Core(settings, works=False, governs=False)
    try:
        await core.open()
        said = await act(Console(core, settings, f"console:{_operator()}"), arguments)
    except (DomainError, Refused) as error:
        print(f"Refused: {refusal(error)}", file=sys.stderr)
        return _REFUSED
    finally:
        await core.close()
    if said.raw is not None:
        sys.stdout.buffer.write(said.raw)
    elif arguments.json:
        print(orjson.dumps(said.value, default=str, option=orjson.OPT_INDENT_2).decode())
    else:
        # A terminal or a pipe that knows no such letters shall have the rest.
        out = sys.stdout
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
        for line in said.lines:
            print(line)
    return _DONE


def _operator() -> str:
    """Who is at the keyboard, as far as the system knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _pages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--limit", type=int, default=20, help="1 to 100 (default 20)")
