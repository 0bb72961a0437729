"""Nothing is lost and nothing is said twice, whoever is killed, whenever."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.processes import BOT_ID, Ground, Process, bot_process, postmaster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

PEOPLE = 200
MESSAGES = 1000
KILLS = 12
FALLBACK = "перезагружается"

WRONG = {
    "a message of the store is not what was said, or stands twice": """
        select content from public.vision_messages where sender = 'user'
        group by content having count(*) > 1
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
        found = {what: await self.rows(query) for what, query in WRONG.items()}
        return {what: rows[:5] for what, rows in found.items() if rows}


async def come_and_create(here: Ground, count: int) -> list[int]:
    people = await here.people(count)
    for person in people:
        await here.says(person, "/new_vision")
    return people


async def talk(here: Ground, people: list[int], chance: random.Random, seconds: float) -> list[str]:
    """Everybody writes now and then, sometimes several messages in a row."""
    said: list[str] = []
    while len(said) < MESSAGES:
        person = chance.choice(people)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            text = f"шаг {len(said)} от {person}"
            await here.says(person, text)
            said.append(text)
        await asyncio.sleep(seconds / MESSAGES * 1.5)
    return said


async def kill_now_and_then(
    bot: Process, data: Path, here: Ground, chance: random.Random, finished: asyncio.Event
) -> int:
    """The bot a dozen times, its database twice, updates repeated in between."""
    kills = 0
    while kills < KILLS or not finished.is_set():
        if kills >= KILLS:
            await asyncio.sleep(0.2)
            continue
        await asyncio.sleep(chance.uniform(1.5, 4))
        if kills in (4, 9):
            postmaster(data).kill()
            await asyncio.sleep(chance.uniform(0, 1))
        await bot.kill()
        kills += 1
        await here.post("redeliver", bot=BOT_ID, n=chance.randrange(1, 20))
        await bot.start()
    return kills


async def press_retry(here: Ground, pressed: set[int]) -> None:
    """People do what the fallback offers."""
    for entry in await here.sent(methods="sendMessage"):
        if FALLBACK in entry["text"] and entry["message_id"] not in pressed:
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


def repeated(sent: list[dict[str, Any]], answers: list[tuple[int, str]]) -> int:
    """Sends beyond one for each stored answer; every stored answer must have come at least once."""
    stored = Counter(chat for chat, _ in answers)
    came = Counter(entry["chat"] for entry in sent)
    assert not [chat for chat in stored if came[chat] < stored[chat]]
    return sum(max(0, came[chat] - stored[chat]) for chat in came)


@pytest.mark.parametrize("weather", ["fair", "foul"])
async def test_a_dozen_kills(
    here: Ground, data: Path, weather: str, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261120)
    conduct: dict[str, Any] = {"first_token": 0.2, "total": 0.8, "tokens": 12, "text": "Ответ."}
    if weather == "foul":
        conduct |= {"failure_rate": 0.3, "failures": [500, 429, 503]}
        await here.post("faults", method="sendMessage", status=429, rate=0.05, retry_after=1)
    await here.post("model", reset=True, **conduct)
    bot = bot_process(here, data)
    await bot.start()
    try:
        await here.until_polled()
        people = await come_and_create(here, PEOPLE)
        finished = asyncio.Event()
        killing = asyncio.ensure_future(kill_now_and_then(bot, data, here, chance, finished))
        said = await talk(here, people, chance, seconds=30)
        finished.set()
        kills = await killing
        store = Store(data)
        await settle(here, store, bot, 120)

        rows = await store.rows("select content from public.vision_messages where sender = 'user'")
        assert sorted(content for (content,) in rows) == sorted(said)
        visions = await store.rows("select count(*) from public.visions")
        assert visions == [(PEOPLE,)]

        answers = await store.rows(
            "select a.telegram_id, m.content from public.vision_messages m"
            " join public.visions v on v.id = m.vision_id"
            " join public.telegram_accounts a on a.user_id = v.user_id"
            " where m.sender = 'assistant'"
        )
        sent = [
            entry for entry in await here.sent(methods="sendMessage") if entry["text"] == "Ответ."
        ]
        twice = repeated(sent, answers)
        calls = (await here.get("model", last=0))["counts"]
        [(counted,)] = await store.rows("select count(*) from public.tokenscount")
        with capsys.disabled():
            print(
                f"\n{weather}: {len(said)} messages, {kills} kills, {len(answers)} answers,"
                f" {twice} sends repeated, model {calls}, {counted} token rows"
            )
        assert twice <= kills
        assert await bot.terminate() == 0
    finally:
        await bot.kill()
