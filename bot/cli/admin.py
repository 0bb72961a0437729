"""python -m bot admin: what admins do in the chat, for the command line and for scripts."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import logging
import re
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.cli.administering import Said

HELP = "people, invites, limits, letters, broadcasts, feedback and numbers, without the chat"

_Adding = Callable[[str, str], argparse.ArgumentParser]

_DONE, _REFUSED, _INTERRUPTED = 0, 1, 130

_WHO = "a user_id, a Telegram id or a @username"
_TEXT = "from the standard input if it is left out or -"
_ONCE = "the same key sends it once"
_AUDIENCES = ("all", "week", "month", "ru", "en", "guest", "member", "admin")
_LARGEST_ID = 2**63 - 1
_WHOLE = re.compile(r"\d{1,19}", re.ASCII)
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
    write.add_argument("text", nargs="?", help=_TEXT)
    write.add_argument("--key", help=_ONCE)
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
    _broadcasts(act)
    _feedback(act)
    _numbers(act)


def _broadcasts(act: _Adding) -> None:
    _pages(act("broadcasts", "what is under way, then what has ended, newest first"), most=20)
    send = act("broadcast", "a text to many people, plain: photos and formatting go by the chat")
    send.add_argument("text", nargs="?", help=_TEXT)
    send.add_argument(
        "--to",
        choices=_AUDIENCES,
        required=True,
        help="everybody, those seen in 7 or 30 days, a language, a level",
    )
    send.add_argument("--yes", action="store_true", help="don't ask")
    send.add_argument("--key", help=_ONCE)
    for name, said in (
        ("pause", "no more of it is sent for now"),
        ("resume", "it goes on"),
        ("stop", "no more of it is ever sent"),
    ):
        _numbered(act(f"broadcast-{name}", said), "broadcast")


def _feedback(act: _Adding) -> None:
    read = act("feedback", "open threads; with an ID the last words of that one")
    read.add_argument("thread", metavar="ID", nargs="?", type=_within(1, _LARGEST_ID))
    _pages(read, most=50)
    answer = _numbered(act("answer", "the team's words, to the person of a thread"), "thread")
    answer.add_argument("text", nargs="?", help=_TEXT)
    answer.add_argument("--key", help=_ONCE)
    _numbered(act("done", "a thread is off the list"), "thread")
    _numbered(act("reopen", "a thread is on the list again"), "thread")


def _numbers(act: _Adding) -> None:
    numbers = act("numbers", "of the last days: people, answers, delays, tokens, money")
    _days(numbers, 31, default=7)
    tables = act("csv", "each of the last days as CSV")
    _days(tables, 366)
    tables.add_argument("--calls", action="store_true", help="by model and purpose")
    spenders = act("spenders", "who takes most tokens")
    _days(spenders, 31)
    _pages(spenders)
    tokens = act("tokens", "one person's tokens by vision")
    tokens.add_argument("who", help=_WHO)
    _days(tokens, 366)


def main(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli.admin_broadcasts import BROADCASTS
    from bot.cli.admin_feedback import FEEDBACK
    from bot.cli.administering import ACTS
    from bot.cli.administering_numbers import NUMBERS
    from bot.cli.erasing import ERASING

    if settings.log_level != "DEBUG":
        logging.disable(logging.INFO)
    acts: dict[str, Callable[..., Awaitable[Said]]] = {
        **ACTS,
        **NUMBERS,
        **ERASING,
        **BROADCASTS,
        **FEEDBACK,
    }
    return asyncio.run(_act(settings, acts[arguments.act], arguments))


async def _act(
    settings: Settings, act: Callable[..., Awaitable[Said]], arguments: argparse.Namespace
) -> int:
    import orjson

    from bot.cli.administering import Console, Refused, refusal
    from bot.cli.asking import NoText
    from core import Core, DomainError

    core = Core(settings, works=False, governs=False)
    try:
        await core.open()
        said = await act(Console(core, settings, f"console:{_operator()}"), arguments)
    except (DomainError, NoText, Refused) as error:
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


def _pages(parser: argparse.ArgumentParser, most: int = 100) -> None:
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument(
        "--limit", type=_within(1, most), default=20, help=f"1 to {most} (default 20)"
    )


def _days(parser: argparse.ArgumentParser, most: int, default: int = 31) -> None:
    said = f"1 to {most} (default {default})"
    parser.add_argument("--days", type=_within(1, most), default=default, help=said)


def _numbered(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    parser.add_argument(name, metavar="ID", type=_within(1, _LARGEST_ID))
    return parser


def _within(least: int, most: int) -> Callable[[str], int]:
    """What is beyond is refused here: the database would cut it without a word."""

    def read(given: str) -> int:
        value = int(given) if _WHOLE.fullmatch(given) else None
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{given} is no number of {least:,} to {most:,}")
        return value

    return read
