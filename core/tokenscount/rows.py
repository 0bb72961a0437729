"""Getting a usage row into the table, however the call ended and whatever the database is doing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from core.background import Background
from core.database import Database
from core.database.patience import outage
from core.errors import CoreError, Unavailable
from core.tokenscount.prices import Prices, cost, read_prices

log = logging.getLogger(__name__)

# The answer waits this long for the row at most; the row goes on in the background.
_PATIENCE_SECONDS = 2.0
_TRIES = 6
_pending = Background()
_prices: list[Prices] = []


def use_prices(path: str) -> Prices:
    """Rows of this process are priced by the table at `path`, see `read_prices`."""
    _prices[:] = [read_prices(path)]
    return _prices[0]


async def write_row(db: Database, row: dict[str, Any]) -> None:
    """Write the row through `log_tokens`; raises for no fault of the database, survives cancel.

    What it costs joins its meta, as `usd`, unless its model has no price.
    """
    usd = cost(_prices[0] if _prices else read_prices(""), row)
    if usd is not None:
        row["meta"]["usd"] = usd
    task = _pending.spawn(_written(db, row), name=f"log_tokens {row['call_key']}")
    await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)


async def flush(seconds: float) -> None:
    """Let rows that are still on their way get in; call it before the database is closed."""
    if lost := await _pending.drain(seconds):
        log.error("%d token rows were not written", lost)


async def _written(db: Database, row: dict[str, Any]) -> None:
    try:
        await db.call("log_tokens", **row)
    except Unavailable as error:
        outage.meet("log_tokens", error)
        await _repeat(db, row)
    except CoreError:
        log.exception("token row refused: %s", _figures(row))


async def _repeat(db: Database, row: dict[str, Any]) -> None:
    from tenacity import (
        AsyncRetrying,
        retry_if_exception_type,
        stop_after_attempt,
        wait_random_exponential,
    )

    policy = AsyncRetrying(
        retry=retry_if_exception_type(Unavailable),
        stop=stop_after_attempt(_TRIES),
        wait=wait_random_exponential(multiplier=0.5, max=30),
        reraise=True,
    )
    try:
        await policy(db.call, "log_tokens", **row)
        outage.over()
    except CoreError:
        log.exception("token row lost: %s", _figures(row))


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"rawusage", "clientid"}}
