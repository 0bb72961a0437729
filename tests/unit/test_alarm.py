"""Words to admins as they get them: in their language, once, and whoever can't be reached is no
failure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.playground import Playground, start_playground
from bot.playground.people import block, write
from bot.playground.world import Chat, Person
from bot.telegram import build_bot
from bot.texts import Texts
from bot.watching import RETRY_SECONDS, Watching
from core import Problem, ProblemWord

ADMIN = 100


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    started = await start_playground()
    world = started.world
    write(world, chat_of(started), "/start")
    yield started
    await started.close()


def chat_of(playground: Playground) -> Chat:
    world = playground.world
    bot = world.bots.get(7) or world.add_bot(7)
    person = world.people.get(ADMIN) or world.add_person(Person(ADMIN, "P", "", "", "ru"))
    return world.chat(bot, person)


class Core:
    """What a word needs of it."""

    def __init__(self) -> None:
        self.unreachable: list[int] = []
        self.users = SimpleNamespace(set_unreachable=self._unreachable)

    async def _unreachable(self, telegram_id: int) -> None:
        self.unreachable.append(telegram_id)


@pytest.fixture
async def watching(playground: Playground) -> AsyncIterator[Watching]:
    bot = build_bot("7:alarm", playground.telegram_url, 10)
    core: Any = Core()
    watching = Watching(core, bot, Texts())
    yield watching
    await bot.session.close()


def word(*, opened: bool = True, language: str = "ru", attempt: int = 1) -> ProblemWord:
    problem = Problem(
        "model_key",
        "OPENAI_API_KEY",
        {"host": "api.example.org", "code": "<invalid>"},
        datetime(2026, 11, 20, 12, 5, tzinfo=UTC),
        3720,
    )
    return ProblemWord(problem, opened, ADMIN, language, None, attempt, "")


def last(playground: Playground) -> dict[str, Any]:
    return list(chat_of(playground).messages.values())[-1]


async def test_the_beginning_says_what_since_when_and_what_to_do(
    playground: Playground, watching: Watching
) -> None:
    assert await watching.tell(word()) is None
    said = last(playground)
    assert said["text"].startswith("⚠️ Ключ модели не принимают. api.example.org")
    assert "(<invalid>)" in said["text"]
    assert "Началось 20.11 в 15:05." in said["text"]
    assert "Что делать: проверь OPENAI_API_KEY" in said["text"]
    assert said["reply_markup"]["inline_keyboard"][0][0]["text"] == "Проверить"


async def test_the_end_says_how_long_it_lasted_in_the_admins_own_language(
    playground: Playground, watching: Watching
) -> None:
    assert await watching.tell(word(opened=False, language="en")) is None
    said = last(playground)
    assert said["text"] == (
        "✅ All is well again\nThe key OPENAI_API_KEY is taken again. It lasted 1 h 2 min."
    )
    assert "reply_markup" not in said


async def test_an_admin_who_blocked_the_bot_is_no_failure(
    playground: Playground, watching: Watching, caplog: pytest.LogCaptureFixture
) -> None:
    block(playground.world, chat_of(playground), True)
    assert await watching.tell(word()) == 3600
    core: Any = watching._core
    assert core.unreachable == [ADMIN]
    assert not caplog.messages


@pytest.mark.parametrize("status", [500, 429])
async def test_when_telegram_is_away_it_is_tried_again(
    playground: Playground, watching: Watching, status: int
) -> None:
    fault = {"method": "sendMessage", "status": status, "count": 1, "retry_after": 7}
    async with ClientSession() as http:
        await http.post(f"{playground.url}/sim/faults", json=fault)
    again = await watching.tell(word(attempt=2))
    assert again == (7 if status == 429 else RETRY_SECONDS[1])
    assert last(playground)["text"] == "/start"
    assert await watching.tell(word()) is None
