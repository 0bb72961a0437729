"""What is measured, one function each. All times in milliseconds unless the name says otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.contestants import Contestant
from tests.processes import Ground

INSTANT = {"first_token": 0.0, "total": 0.0, "tokens": 20}
ONE_SECOND = {"first_token": 0.3, "total": 1.0, "tokens": 20}
SLOW = {"first_token": 0.3, "total": 20.0, "tokens": 40}


@dataclass(frozen=True, slots=True)
class OwnTime:
    p50: float
    p95: float


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def meet(ground: Ground, contestant: Contestant, count: int) -> None:
    """So many people come, and each makes a vision, so that what follows is plain talk."""
    fresh = await ground.people(count)
    contestant.people += fresh
    for person in fresh:
        await ground.says(person, "/new_vision", bot=contestant.bot)
    await answered(ground, contestant, 0, count)


async def answered(
    ground: Ground, contestant: Contestant, since: int, count: int, seconds: float = 120
) -> list[dict[str, float]]:
    """The first `count` final messages of this bot after `since`."""
    limit = time.monotonic() + seconds
    while True:
        sent = [
            entry
            for entry in await ground.sent(since=since, methods="sendMessage", wait=1)
            if entry["bot"] == contestant.bot
        ]
        if len(sent) >= count:
            return sent
        assert time.monotonic() < limit, f"{contestant.name}: {len(sent)} of {count} answered"
        await asyncio.sleep(0.05)


async def own_time(
    ground: Ground, contestants: Sequence[Contestant], turns: int
) -> dict[str, OwnTime]:
    """One person and a model that answers at once; the contestants take turns."""
    await ground.post("model", reset=True, **INSTANT)
    took: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(turns + 10):
        for contestant in contestants:
            since = await ground.last_seq()
            person = contestant.people[0]
            said = await ground.says(person, f"шаг {number}", bot=contestant.bot)
            [answer] = await ground.sent(since=since, methods="sendMessage", chat=person, wait=20)
            if number >= 10:
                took[contestant.name].append((answer["time"] - said["time"]) * 1000)
            # A draft still in flight would be counted to the next turn.
            await asyncio.sleep(0.02)
    return {name: OwnTime(median(times), percentile(times, 0.95)) for name, times in took.items()}


async def crowd(
    ground: Ground, contestant: Contestant, conduct: dict[str, float], people: Sequence[int]
) -> float:
    """Seconds until everybody, writing at the same moment, has their answer."""
    await ground.post("model", reset=True, **conduct)
    since = await ground.last_seq()
    said = await asyncio.gather(
        *(ground.says(person, "что дальше?", bot=contestant.bot) for person in people)
    )
    answers = await answered(ground, contestant, since, len(people))
    return max(entry["time"] for entry in answers) - min(entry["time"] for entry in said)


async def memory_in_flight(ground: Ground, contestant: Contestant, people: Sequence[int]) -> float:
    """Megabytes while all these people's answers are being written."""
    await ground.post("model", reset=True, **SLOW)
    since = await ground.last_seq()
    await asyncio.gather(
        *(ground.says(person, "подумай как следует", bot=contestant.bot) for person in people)
    )
    limit = time.monotonic() + 30
    while (await ground.get("model", last=0))["in_flight"] < len(people):
        assert time.monotonic() < limit, "not all turns came in flight"
        await asyncio.sleep(0.1)
    most = contestant.memory()
    await answered(ground, contestant, since, len(people), 180)
    return most
