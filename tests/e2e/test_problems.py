"""Every admin hears once that something is wrong and once that it is over, whoever is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.processes import Ground, bot_process, worker_process

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

QUICK: dict[str, Any] = {"first_token": 0.0, "total": 0.0, "text": "Ответ."}


async def heard(here: Ground, person: int, text: str, seconds: float = 90) -> list[str]:
    """All that the person was sent, once `text` is among it."""
    async with asyncio.timeout(seconds):
        while True:
            sent = await here.sent(chat=person)
            said = [entry.get("text") or "" for entry in sent]
            if any(text in each for each in said):
                return said
            await asyncio.sleep(0.2)


def words(said: list[str]) -> list[str]:
    return [text for text in said if text.startswith(("⚠️", "✅"))]


async def test_a_dead_key_is_told_once_to_each_admin_and_so_is_its_end(
    here: Ground, data: Path
) -> None:
    first, second, person = await here.people(3)
    await here.post("model", reset=True, **QUICK)
    own = {"ADMIN_IDS": f"{first} {second}"}
    bot, worker = bot_process(here, data, **own), worker_process(here, data, **own)
    await bot.start()
    try:
        await here.until_polled()
        await worker.start()
        for each in (first, second, person):
            await here.says(each, "/new_vision Дом")
            await heard(here, each, "Дом")
        await here.post("model", reset=True, failure_rate=1.0, failures=[401], **QUICK)
        for number in range(4):
            await here.says(person, f"Слышишь? {number}")
            await asyncio.sleep(0.5)
        # The one that keeps the watch and may have words in its hands.
        await worker.kill()
        for admin in (first, second):
            await heard(here, admin, "Ключ модели не принимают")
        await worker.start()
        await here.post("model", reset=True, **QUICK)
        await here.says(person, "А теперь?")
        await heard(here, person, "Ответ.")
        for admin in (first, second):
            said = words(await heard(here, admin, "Всё снова в порядке"))
            assert [text[0] for text in said] == ["⚠", "✅"], said
            assert "OPENAI_API_KEY" in said[0]
            assert "Ключ OPENAI_API_KEY снова принимают. Длилось" in said[1]
        assert not words([e["text"] for e in await here.sent(methods="sendMessage", chat=person)])
        assert await worker.terminate() == 0
        assert await bot.terminate() == 0
    finally:
        await worker.kill()
        await bot.kill()


async def test_the_doctor_examines_a_running_bot(here: Ground, data: Path) -> None:
    [admin] = await here.people(1)
    await here.post("model", reset=True, **QUICK)
    bot = bot_process(here, data, ADMIN_IDS=str(admin))
    await bot.start()
    try:
        await here.until_polled()
        await here.says(admin, "/doctor")
        said = await heard(here, admin, "Открытых неполадок нет")
        assert "🩺 Проверяю…" in said
        found = said[-1]
        for part in ("база данных", "запись в базу", "ответы модели", "учёт токенов", "часы"):
            assert part in found, found
        assert "❌" not in found, found
        await here.says(admin, "/new_vision Дом")
        await heard(here, admin, "Дом")
        await here.says(admin, "Жив?")
        await heard(here, admin, "Ответ.")
        assert await bot.terminate() == 0
        assert "sk-ground" not in found
    finally:
        await bot.kill()
