"""A lock between processes for transports without sessions: a row that its holder renews."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from core.background import Background
from core.errors import CoreError, Unavailable

log = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
_RENEW_SECONDS = 4.0
_SURE_SECONDS = 10.0


class Call(Protocol):
    def __call__(self, function: str, /, **arguments: Any) -> Awaitable[Any]: ...


@asynccontextmanager
async def hold(call: Call, name: str) -> AsyncGenerator[None]:
    """Hold the lock for the body; cancel the body and raise `Unavailable` when it could not be
    renewed in time or another holder has it. A killed holder's lock is free after 15 s."""
    holder = secrets.token_hex(16)
    sure = await _obtain(call, name, holder)
    background = Background()
    scope = asyncio.timeout(None)
    try:
        async with scope:
            background.spawn(_renew(call, name, holder, sure, scope), f"renew the lock {name}")
            yield
    except TimeoutError:
        if not scope.expired():
            raise
        raise Unavailable(f"the lock {name} could not be kept") from None
    finally:
        await background.drain(0)
        try:
            await call("release_lock", name=f"exclusive:{name}", holder=holder)
        except CoreError as error:
            log.info("the lock %s is left to run out: %s", name, error)


async def _obtain(call: Call, name: str, holder: str) -> float:
    """The moment from which the lease is sure to run."""
    told = False
    while True:
        began = time.monotonic()
        try:
            if await _take(call, name, holder):
                if time.monotonic() - began < _SURE_SECONDS:
                    return began
            elif not told:
                log.info("another process holds %s, waiting", name)
                told = True
        except Unavailable as error:
            log.info("waiting for the lock %s: %s", name, error)
        await asyncio.sleep(random.uniform(0.8, 1.2))  # noqa: S311 - spreads the load


async def _renew(call: Call, name: str, holder: str, sure: float, scope: asyncio.Timeout) -> None:
    while time.monotonic() - sure < _SURE_SECONDS:
        await asyncio.sleep(_RENEW_SECONDS)
        began = time.monotonic()
        try:
            async with asyncio.timeout(_SURE_SECONDS - (began - sure)):
                if not await _take(call, name, holder):
                    break
            sure = began
        except TimeoutError:
            break
        except CoreError as error:
            log.info("the lock %s is not renewed: %s", name, error)
    scope.reschedule(asyncio.get_running_loop().time())


async def _take(call: Call, name: str, holder: str) -> bool:
    row = await call("take_lock", name=f"exclusive:{name}", holder=holder, seconds=LEASE_SECONDS)
    return row["held"]
