"""Killing, and looking at what is left: shared by the tests that kill."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Container
from pathlib import Path
from typing import Any

import psycopg

from tests.processes import BOT_ID, Ground, Process, postmaster

OFFERS_RETRY = re.compile("«Повторить»")

WRONG = {
    "a message stands twice": """
        select origin ->> 'key' from public.vision_messages where sender = 'user'
        group by 1 having count(*) > 1
    """,
    "a message is not answered": """
        select m.content from public.vision_messages m join public.visions v on v.id = m.vision_id
        where m.sender = 'user' and m.anchor > v.answered_anchor
    """,
    "a turn has two answers": """
        select vision_id::text from public.vision_messages where sender = 'assistant'
        group by vision_id, anchor having count(distinct turn) > 1
    """,
    "a message has no answer after it": """
        select m.content from public.vision_messages m
        where m.sender = 'user' and not exists (
          select from public.vision_messages a
          where a.vision_id = m.vision_id and a.anchor >= m.anchor and a.sender = 'assistant')
    """,
    "words of the store are not delivered": """
        select id::text from public.deliveries where delivered_at is null
    """,
    "something still waits": """
        select vision_id::text from public.turn_queue
    """,
}


class Store:
    """The bot's own database, looked at from outside."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        lines = (self._data / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
        dsn = f"host={lines[4]} port={lines[3]} user=postgres dbname=postgres"
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            return await (await connection.execute(query.encode())).fetchall()

    async def wrong(self) -> dict[str, list[Any]]:
        """What the store must not hold when everything has come to rest."""
        found = {what: await self.rows(query) for what, query in WRONG.items()}
        return {what: rows[:5] for what, rows in found.items() if rows}


async def come_and_create(here: Ground, count: int) -> list[int]:
    people = await here.people(count)
    for person in people:
        await here.says(person, "/new_vision")
    return people


async def kill_now_and_then(
    bot: Process,
    data: Path,
    here: Ground,
    chance: random.Random,
    finished: asyncio.Event,
    times: int,
    with_database: Container[int],
) -> list[float]:
    """The bot so many times, its database with some of them, updates repeated in between. When the
    kills began, in the journal's time."""
    kills: list[float] = []
    while len(kills) < times or not finished.is_set():
        if len(kills) >= times:
            await asyncio.sleep(0.2)
            continue
        await asyncio.sleep(chance.uniform(1.5, 4))
        began = time.time()
        if len(kills) in with_database:
            postmaster(data).kill()
            await asyncio.sleep(chance.uniform(0, 1))
        await bot.kill()
        kills.append(began)
        await here.post("redeliver", bot=BOT_ID, n=chance.randrange(1, 20))
        await bot.start()
    return kills


def unmarked(sent: list[dict[str, Any]], kills: list[float]) -> int:
    """Sends so close to a kill that their receipts may not have been written: only those may be
    repeated. A killed database has up to a second before its bot goes."""
    return sum(any(-1 < kill - entry["time"] < 1 for kill in kills) for entry in sent)


async def press_retry(here: Ground, pressed: set[int]) -> None:
    """People do what the fallback offers."""
    for entry in await here.sent(methods="sendMessage"):
        if OFFERS_RETRY.search(entry["text"]) and entry["message_id"] not in pressed:
            pressed.add(entry["message_id"])
            await here.post(
                "presses",
                bot=BOT_ID,
                person=entry["chat"],
                message_id=entry["message_id"],
                data=await retry_button(here, entry),
            )


async def retry_button(here: Ground, entry: dict[str, Any]) -> str:
    async with here.http.get(f"{here.url}/playground/chats/{entry['chat']}") as response:
        chat = await response.json()
    [message] = [m for m in chat["messages"] if m["message_id"] == entry["message_id"]]
    return message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]


async def settle(here: Ground, store: Store, bot: Process, seconds: float) -> None:
    """Until nothing waits, or the time is over and what is wrong is told."""
    pressed: set[int] = set()
    limit = time.monotonic() + seconds
    while True:
        await press_retry(here, pressed)
        pending = (await here.get("counters"))["pending_updates"][str(BOT_ID)]
        if not pending and not (wrong := await store.wrong()):
            return
        assert bot.alive, bot.text()[-5000:]
        assert time.monotonic() < limit, (pending, wrong if not pending else None)
        await asyncio.sleep(0.5)
