"""Operators hear of each trouble once, however many processes meet it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.alarm import Alarm
from bot.playground import Playground, start_playground
from bot.playground.people import write
from bot.playground.world import Person
from bot.telegram import build_bot
from bot.texts import Texts
from core import Background, Unavailable

ADMINS = (100, 101)


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    started = await start_playground()
    world = started.world
    bot = world.add_bot(7)
    for number in ADMINS:
        write(world, world.chat(bot, world.add_person(Person(number, "P", "", "", "ru"))), "/start")
    yield started
    await started.close()


async def test_one_process_tells_all_admins(playground: Playground) -> None:
    bot = build_bot("7:alarm", playground.telegram_url, 10)
    background = Background()
    agreed: set[str] = set()

    async def once(name: str, seconds: float) -> bool:
        first = name not in agreed
        agreed.add(name)
        return first

    alarms = [Alarm(bot, ADMINS, Texts(), background, once) for _ in range(3)]
    for alarm in alarms:
        alarm.webhook_elsewhere("example.org")
        alarm.webhook_elsewhere("example.org")
        alarm.model_fails(Unavailable("down"))
    async with asyncio.timeout(20):
        while len(background):
            await asyncio.sleep(0.01)
    world = playground.world
    for number in ADMINS:
        chat = world.chat(world.bots[7], world.person(number))
        texts = [each["text"] for each in chat.messages.values() if each["text"] != "/start"]
        assert len(texts) == 2
        assert sum("example.org" in text for text in texts) == 1
    await bot.session.close()


async def test_the_log_gets_words_and_nothing_that_it_already_has(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bot = build_bot("7:alarm", None, 1)
    background = Background()

    async def once(name: str, seconds: float) -> bool:
        return True

    alarm = Alarm(bot, (), Texts(), background, once)
    alarm.model_fails(Unavailable("no answer in 25 s"))
    alarm.second_poller("webhook: example.org")
    assert caplog.messages == ["the model does not answer: no answer in 25 s"]
    await bot.session.close()
