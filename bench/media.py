"""Voices and documents: what they cost beside a turn of text, and how much memory they hold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import psutil

from bench.contestants import OURS, Contestant, running
from bench.measures import INSTANT, answered, meet
from tests.processes import Ground, ground
from tests.samples import voice_note

VOICES = 50
DOCUMENTS = 20
DOCUMENT_BYTES = 20_000_000
ROUNDS = 30
WARM = 5

Send = Callable[[int, int], Awaitable[object]]


async def media(folder: Path) -> list[str]:
    async with ground(folder) as here, running(here, folder, OURS, 301) as bot:
        await meet(here, bot, VOICES)
        await here.post("model", reset=True, **INSTANT)
        text, voice = _senders(here, bot)
        written = await _alone(here, bot, text)
        spoken = await _alone(here, bot, voice)
        many_written = await _together(here, bot, text)
        many_spoken = await _together(here, bot, voice)
        rest, most = await _documents(here, bot)
    return [
        f"own time of a voice turn, p50: {spoken:.1f} ms, of a text turn {written:.1f} ms"
        f" ({spoken / written:.2f}×): fetched, kept, heard, shown, answered",
        f"{VOICES} voice notes at once: {many_spoken:.2f} s, as text {many_written:.2f} s"
        f" ({many_spoken / many_written:.2f}×)",
        f"memory with {DOCUMENTS} documents of {DOCUMENT_BYTES // 10**6} MB in flight:"
        f" {most:.0f} MB with the readers, {rest:.0f} MB before"
        f" ({(most - rest) * 2**20 / DOCUMENTS / DOCUMENT_BYTES:.2f}× of their bytes)",
    ]


def _senders(here: Ground, bot: Contestant) -> tuple[Send, Send]:
    async def text(person: int, number: int) -> None:
        await here.says(person, f"шаг {number}", bot=bot.bot)

    async def voice(person: int, number: int) -> None:
        await here.sends(person, "v.ogg", notes[number % len(notes)], kind="voice")

    notes = [voice_note(number, 3) for number in range(VOICES)]
    return text, voice


async def _alone(here: Ground, bot: Contestant, send: Send) -> float:
    """Milliseconds from the person's pressing send to the companion's answer."""
    took: list[float] = []
    for number in range(ROUNDS + WARM):
        since = await here.last_seq()
        began = time.perf_counter()
        await send(bot.people[0], number)
        await _answers(here, since, {bot.people[0]})
        if number >= WARM:
            took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.05)
    return median(took)


async def _together(here: Ground, bot: Contestant, send: Send) -> float:
    """Seconds until everybody has the companion's answer."""
    since = await here.last_seq()
    began = time.perf_counter()
    await asyncio.gather(*(send(person, n) for n, person in enumerate(bot.people[:VOICES])))
    await _answers(here, since, set(bot.people[:VOICES]))
    return time.perf_counter() - began


async def _answers(here: Ground, since: int, people: set[int]) -> None:
    """Until each of them has an answer, which is the last message of a turn: the transcript of
    their voice comes before it."""
    limit = time.monotonic() + 120
    waiting = dict.fromkeys(people, True)
    while any(waiting.values()):
        for entry in await here.sent(since=since, methods="sendMessage", wait=5):
            since = max(since, entry["seq"])
            if not entry["text"].startswith(TRANSCRIPT):
                waiting[entry["chat"]] = False
        assert time.monotonic() < limit, "not everybody was answered"


TRANSCRIPT = "🎙"


async def _documents(here: Ground, bot: Contestant) -> tuple[float, float]:
    """Megabytes of the bot and the processes that read for it: before, and at most."""
    line = "Шаг за шагом к дому у моря.\n".encode()
    document = line * (DOCUMENT_BYTES // len(line))
    people = bot.people[:DOCUMENTS]
    rest = _megabytes(bot)
    since = await here.last_seq()
    sending = asyncio.gather(*(here.sends(person, f"{person}.txt", document) for person in people))
    most = rest
    done = asyncio.ensure_future(answered(here, bot, since, len(people), 300))
    while not done.done():
        most = max(most, _megabytes(bot))
        await asyncio.sleep(0.05)
    await sending
    await done
    return rest, most


def _megabytes(bot: Contestant) -> float:
    process = psutil.Process(bot.process.child.pid)
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            if "postgres" not in one.name():
                total += one.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20
