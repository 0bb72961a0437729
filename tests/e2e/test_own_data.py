"""An archive and an erasure with real processes, one of them killed in the middle of each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.killing import Store
from tests.processes import BOT_ID, Ground, Process, bot_process

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

WEEK_LATER = """
    with late as (update public.erasures set run_at = now() where asked_at is not null returning 1)
    select count(*), pg_notify('own_data', '')::text from late
"""


async def until(what: Any, seconds: float = 90) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := await what()):
            await asyncio.sleep(0.1)
        return found


async def shown(here: Ground, person: int, words: str) -> dict[str, Any]:
    """The newest message with these words, as it is on the screen."""

    async def look() -> Any:
        async with here.http.get(f"{here.url}/playground/chats/{person}") as response:
            messages = (await response.json())["messages"]
        return [m for m in messages if words in (m.get("text") or "")][-1:]

    return (await until(look))[0]


async def presses(here: Ground, person: int, words: str, row: int) -> None:
    message = await shown(here, person, words)
    data = message["reply_markup"]["inline_keyboard"][row][0]["callback_data"]
    number = message["message_id"]
    await here.post("presses", bot=BOT_ID, person=person, message_id=number, data=data)


async def killed_and_back(bot: Process) -> None:
    await bot.kill()
    await bot.start()


async def test_both_outlive_a_kill(here: Ground, data: Path) -> None:
    await here.post("model", reset=True, first_token=0.1, total=0.3, text="Ответ.")
    bot = bot_process(here, data)
    await bot.start()
    try:
        await here.until_polled()
        [person] = await here.people(1)
        await here.says(person, "/new_vision Дом")
        await here.sends(person, "план.txt", "Шаг первый".encode())
        await shown(here, person, "Ответ.")

        # While Telegram has it wait, the archive is gathered and not sent.
        await here.post("faults", method="sendDocument", status=429, count=1, retry_after=20)
        await here.says(person, "/export_all")
        await shown(here, person, "Собираю…")
        await killed_and_back(bot)
        await shown(here, person, "в архиве всё")
        assert len(await here.sent(methods="sendDocument", chat=person)) == 1

        await here.says(person, "/forget_me")
        await presses(here, person, "Забыть всё?", 1)
        await shown(here, person, "Сотру всё")
        store = Store(data)
        # The last word waits on Telegram: all the rest is gone by then.
        await here.post("faults", method="sendMessage", status=429, count=1, retry_after=20)
        assert await store.rows(WEEK_LATER) == [(1, "")]

        async def said() -> bool:
            asked = "select count(*) from public.erasures where farewell_at is not null"
            return await store.rows(asked) == [(1,)]

        await until(said)
        await killed_and_back(bot)

        async def gone() -> bool:
            return await store.rows("select count(*) from public.users") == [(0,)]

        await until(gone)
        assert not list((data / "files" / "kept").glob("*/*"))
        farewells = await here.sent(methods="sendMessage", chat=person)
        assert sum("Всё забыто" in each["text"] for each in farewells) == 0
        assert await bot.terminate() == 0
    finally:
        await bot.kill()
