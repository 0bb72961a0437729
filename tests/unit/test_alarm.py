"""Words to admins as they get them: in their language, once, and whoever can't be reached is no
failure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram.types import BotCommandScopeChat
from aiohttp import ClientSession

from bot.playground import Playground, start_playground
from bot.playground.people import block, write
from bot.playground.world import Chat, Person
from bot.telegram import build_bot
from bot.texts import Texts
from bot.watching import RETRY_SECONDS, Watching
from core import Problem, ProblemWord
from core.problems import Menu

ADMIN = 100
HELP = "How to talk to me"


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
    """What words and menus need of it."""

    def __init__(self) -> None:
        self.unreachable: list[int] = []
        self.due: list[Menu] = []
        self.shown: list[Menu] = []
        self.problems = SimpleNamespace(menus=self._menus, shown=self._shown)
        self.users = SimpleNamespace(set_unreachable=self._unreachable)

    async def _menus(self) -> list[Menu]:
        return self.due

    async def _shown(self, menu: Menu) -> None:
        self.shown.append(menu)

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


async def test_an_admins_chat_has_their_commands_and_one_who_is_none_has_them_no_more(
    playground: Playground, watching: Watching
) -> None:
    core: Any = watching._core
    bot = watching._bot
    scope = BotCommandScopeChat(chat_id=ADMIN)
    for admin, language, said in ((True, "en", HELP), (False, "ru", "Как со мной говорить")):
        core.due = [Menu(ADMIN, language, admin)]
        await watching.set_menus()
        commands = await bot.get_my_commands(scope=scope)
        first = [command.command for command in commands[:4]]
        expected = ["admin", "broadcast", "doctor", "new_vision"]
        assert (first == expected) == admin
        assert commands[-1].description == said
    assert [menu.admin for menu in core.shown] == [True, False]
