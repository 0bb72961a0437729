"""One question to the moderation: within its deadline, and accounted for.

It is free, so its row has no tokens; and it says nothing of what was found.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from core.database import Database
from core.llm import Done, ModelRequest, Started, Usage
from core.llm.failures import CallFailed
from core.llm.moderating import Moderated, Moderator
from core.tokenscount.account import Account
from core.tokenscount.rows import write_row
from core.tokenscount.telling import tell_of

log = logging.getLogger(__name__)


async def moderate_and_log(
    *,
    db: Database,
    client: Moderator,
    clientid: str,
    clienttype: str,
    words: str,
    meta: Mapping[str, Any],
    seconds: float,
) -> Moderated:
    """Ask once and write one row, however it ends; `seconds` is the deadline. Raises `CallFailed`.
    A cancelled call is counted as stopped."""
    account = Account(ModelRequest(client.model, ()))
    try:
        moderated = await _in_time(client, words, seconds)
        account.hear(Started(moderated.request_id))
        free = Usage(0, 0, 0)
        account.hear(Done("", (), free, "stop", moderated.model, moderated.request_id))
        return moderated
    except BaseException as error:
        account.fail(error)
        raise
    finally:
        row = account.row(
            meta=meta, clientid=clientid, clienttype=clienttype, provider=client.provider
        )
        tell_of("moderation", row, log)
        await write_row(db, row)


async def _in_time(client: Moderator, words: str, seconds: float) -> Moderated:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await client.moderate(words)
    except TimeoutError:
        if not limit.expired():
            raise
        raise CallFailed("timeout", "total") from None
