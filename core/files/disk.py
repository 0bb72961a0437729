"""Blocking work on files, away from the event loop."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

from core.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

CHUNK = 512 * 1024
"""Bytes for one trip to a thread."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


async def on_disk(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run it in a thread; raises `Unavailable` in place of any OSError.

    Comes back only when `function` has ended, even if cancelled: what it works on may then be
    closed or removed. Its result is lost in that case, so it must not be something to close.
    """
    loop = asyncio.get_running_loop()
    work = loop.run_in_executor(None, partial(function, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait((work,))
        if not work.cancelled():
            work.exception()
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise Unavailable("the disk of the file store is full") from None
        raise Unavailable(f"the file store: {error.strerror or type(error).__name__}") from None
