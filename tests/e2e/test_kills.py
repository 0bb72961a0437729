"""Nothing is lost and nothing is said twice, whoever is killed, whenever."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.killing import Store, come_and_create, kill_now_and_then, settle, unmarked
from tests.processes import Ground, bot_process

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

PEOPLE = 200
MESSAGES = 1000
KILLS = 12
DATABASE_KILLS = (4, 9)


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
        killing = asyncio.ensure_future(
            kill_now_and_then(bot, data, here, chance, finished, KILLS, DATABASE_KILLS)
        )
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
                f"\n{weather}: {len(said)} messages, {len(kills)} kills, {len(answers)} answers,"
                f" {twice} sends repeated, model {calls}, {counted} token rows"
            )
        assert twice <= unmarked(sent, kills)
        assert await bot.terminate() == 0
    finally:
        await bot.kill()
