"""What commands ask of whoever runs them: a yes, or words from the standard input."""

from __future__ import annotations

import asyncio
import sys


class NoText(Exception):
    """What came is no text."""


def agreed(question: str) -> bool:
    """False where there is nobody to ask."""
    if not sys.stdin.isatty():
        return False
    # The standard output is for what came of it.
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


async def text_of(given: str | None) -> str:
    """`given`, or where it is None or `-` all of the standard input. Raises `NoText`."""
    try:
        text = await asyncio.to_thread(sys.stdin.read) if given in (None, "-") else given
        text.encode()
    except UnicodeError:
        raise NoText("the text is not UTF-8") from None
    if "\0" in text:
        raise NoText("the text has zero bytes in it")
    return text
