"""One attempt at hearing or at speaking: within its deadline, and accounted for.

Their rows have the shape of those of text, with seconds and characters where there are no tokens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from core.database import Database
from core.llm import Done, ModelRequest, Started, Usage
from core.llm.failures import CallFailed
from core.speech import Heard, Hearing, Speaking, Spoken
from core.tokenscount.account import Account
from core.tokenscount.rows import write_row
from core.tokenscount.telling import tell_of

log = logging.getLogger(__name__)

T = TypeVar("T")


async def hear_and_log(
    *,
    db: Database,
    client: Hearing,
    clientid: str,
    clienttype: str,
    sound: Path,
    name: str,
    languages: Sequence[str],
    seconds_hint: float | None,
    meta: Mapping[str, Any],
    attempt: int = 1,
    seconds: float,
) -> Heard:
    """Have a sound transcribed once and write one row about it, however it ends.

    `seconds` is the deadline. `seconds_hint` is the length of the sound as its sender tells it; it
    is counted, as an estimate, where the server tells none. A cancelled attempt is counted as
    stopped. Raises `CallFailed`, without repeating: that is the work of `core.llm.retrying`.
    """
    account = Account(ModelRequest(client.model, ()))
    failed: BaseException | None = None
    heard: Heard | None = None
    try:
        heard = await _in_time(client.hear(sound, name, languages), seconds)
        _take(account, heard, heard.text, heard.usage)
        return heard
    except BaseException as error:
        account.fail(failed := error)
        raise
    finally:
        row = account.row(
            meta={**meta, "attempt": attempt},
            clientid=clientid,
            clienttype=clienttype,
            provider=client.provider,
        )
        row["meta"].update(_length(heard, failed, seconds_hint))
        tell_of("hearing", row, log)
        await write_row(db, row)


async def speak_and_log(
    *,
    db: Database,
    client: Speaking,
    clientid: str,
    clienttype: str,
    text: str,
    language: str,
    meta: Mapping[str, Any],
    attempt: int = 1,
    seconds: float,
) -> Spoken:
    """Have a text spoken once and write one row about it, however it ends; see `hear_and_log`."""
    account = Account(ModelRequest(client.model, ()))
    told: dict[str, Any] = {"attempt": attempt, "voice": client.voice, "characters": len(text)}
    try:
        spoken = await _in_time(client.speak(text, language), seconds)
        # Without tokens the price goes by the characters, and those are exact.
        _take(account, spoken, "", spoken.usage or Usage(0, 0, 0))
        told |= {"bytes": len(spoken.ogg), "audio_seconds": spoken.seconds}
        return spoken
    except BaseException as error:
        account.fail(error)
        raise
    finally:
        row = account.row(
            meta={**meta, **told},
            clientid=clientid,
            clienttype=clienttype,
            provider=client.provider,
        )
        tell_of("speaking", row, log)
        await write_row(db, row)


async def _in_time(work: Coroutine[Any, Any, T], seconds: float) -> T:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await work
    except TimeoutError:
        if not limit.expired():
            raise
        raise CallFailed("timeout", "total") from None


def _take(account: Account, answer: Heard | Spoken, text: str, usage: Usage | None) -> None:
    account.hear(Started(answer.request_id))
    account.hear(Done(text, (), usage, "stop", answer.model, answer.request_id))


def _length(
    heard: Heard | None, failed: BaseException | None, hint: float | None
) -> dict[str, float | bool]:
    """The seconds that may be billed, and whether the server told them."""
    if heard is not None and heard.seconds is not None:
        return {"audio_seconds": heard.seconds, "estimated": False}
    if isinstance(failed, CallFailed) and not failed.spent:
        return {"audio_seconds": 0, "estimated": False}
    return {"audio_seconds": hint or 0, "estimated": True}
