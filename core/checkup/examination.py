"""Runs checks: each bounded in time, independent ones side by side, results as they come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence

from core.background import Background
from core.checkup import Check, Result, Verdict, failed, skipped
from core.errors import CoreError

log = logging.getLogger(__name__)

CHECK_SECONDS = 10.0
ALL_SECONDS = 45.0

_BECAUSE = "because «"


async def examine(
    checks: Sequence[Check],
    *,
    check_seconds: float = CHECK_SECONDS,
    all_seconds: float = ALL_SECONDS,
) -> AsyncGenerator[Result, None]:
    """The result of every check, in the order in which they end. Breaking off cancels the rest.

    A check that can't be cancelled is left behind.
    """
    clock = asyncio.get_running_loop().time
    over = clock() + all_seconds
    places = {check.name: place for place, check in enumerate(checks)}
    waiting = list(checks)
    ended: dict[str, Result] = {}
    background = Background()
    running: set[asyncio.Task[Result]] = set()
    try:
        while waiting or running:
            for check in [check for check in waiting if _may_begin(check, places, ended)]:
                waiting.remove(check)
                hindrance = _hindrance(check, ended)
                seconds = min(check_seconds, over - clock())
                running.add(
                    background.spawn(
                        _result(places[check.name], check, background, seconds, hindrance),
                        check.name,
                        awaited=True,
                    )
                )
            if not running:
                raise ValueError(f"these checks wait for each other: {[c.name for c in waiting]}")
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for result in sorted((task.result() for task in done), key=lambda r: r.place):
                ended[result.name] = result
                yield result
    finally:
        await background.drain(0)


def _may_begin(check: Check, names: Collection[str], ended: Collection[str]) -> bool:
    return all(name in ended or name not in names for name in (*check.needs, *check.after))


def _hindrance(check: Check, ended: Mapping[str, Result]) -> str | None:
    for name in check.needs:
        result = ended.get(name)
        if result and result.status == "failed":
            return f"{_BECAUSE}{name}» failed"
        if result and result.status == "skipped":
            # At the end of a chain its beginning is what has to be known.
            root = result.found.startswith(_BECAUSE)
            return result.found if root else f"{_BECAUSE}{name}» was skipped"
    return None


async def _result(
    place: int, check: Check, background: Background, seconds: float, hindrance: str | None
) -> Result:
    clock = asyncio.get_running_loop().time
    began = clock()
    if hindrance:
        verdict = skipped(hindrance)
    elif seconds <= 0:
        verdict = failed("there was no time left for it", check.if_silent)
    else:
        verdict = await _verdict(check, background, seconds)
    milliseconds = round((clock() - began) * 1000)
    return Result(place, check.name, verdict.status, verdict.found, verdict.advice, milliseconds)


async def _verdict(check: Check, background: Background, seconds: float) -> Verdict:
    task = background.spawn(_asked(check), f"check: {check.name}", awaited=True)
    # Not asyncio.timeout: what hangs in a thread, on a dead disk say, can't be cancelled.
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if done:
        return task.result()
    task.cancel()
    return failed(f"no answer in {seconds:.0f} s", check.if_silent)


async def _asked(check: Check) -> Verdict:
    try:
        return await check.run()
    except CoreError as error:
        return failed(str(error), "Change what is named here, and run the doctor again.")
    except Exception as error:
        log.exception("the check %s failed by itself", check.name)
        return failed(
            f"the check itself broke down: {type(error).__name__}",
            "Run it again with LOG_LEVEL=DEBUG and report what it prints.",
        )
