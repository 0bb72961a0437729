"""What both transports make of a failed call."""

from __future__ import annotations

import re

from core.errors import CoreError, Misconfigured, domain_error

HOW_TO_MIGRATE = (
    "`supabase db push`, or `python -m bot migrate` with DATABASE_URL set, brings them"
    " (docs/supabase.md)"
)

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,61}", re.ASCII)
# Connection lost, read-only for now (a full disk, a failover), deadlock and serialisation, server
# full or short of memory, shutting down, cancelled by a time limit, trouble with its disk.
_TEMPORARY = re.compile(r"08...|25006|40001|40P01|53...|57014|57P0.|55P03|58...|XX000")


class CallError(CoreError):
    """A mistake in our own code: the call can't succeed however often it is repeated.

    Names the function and the SQLSTATE; never a value, so it may be logged.
    """

    def __init__(self, function: str, sqlstate: str) -> None:
        super().__init__(f"{function} failed with SQLSTATE {sqlstate}")
        self.function = function
        self.sqlstate = sqlstate


class RequestTooLarge(CallError):
    """The arguments are more than one request may carry; nothing was written down."""

    def __init__(self, function: str, size: int) -> None:
        super().__init__(function, "54000")
        self.args = (f"{function}: {size} bytes of arguments are more than a request may carry",)
        self.size = size


def check_names(function: str, arguments: tuple[str, ...]) -> None:
    """Names become SQL or a URL, so they are held to the letters of our own functions."""
    for name in (function, *arguments):
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name of a function or an argument: {name!r}")


def is_temporary(sqlstate: str) -> bool:
    return _TEMPORARY.fullmatch(sqlstate) is not None


def failure(function: str, sqlstate: str, name: str) -> CoreError:
    """The error for a call that repeating can't help; `name` is the message of a PT code."""
    return domain_error(sqlstate, name) or CallError(function, sqlstate)


def no_such_function(function: str) -> Misconfigured:
    return Misconfigured(
        f"the database has no public.{function} with these arguments: its migrations are missing or"
        f" older than this version of the bot; {HOW_TO_MIGRATE}"
    )
