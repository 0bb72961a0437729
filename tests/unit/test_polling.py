"""The intake on a real Bot API server: what is confirmed, when, and what happens to bad updates."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramConflictError
from aiogram.types import Message

from bot.intake import conflicts as conflicts_module
from bot.intake import polling as polling_module
from bot.intake.conflicts import Conflicts
from bot.intake.handling import Handling
from bot.intake.keeping import Keeping
from bot.intake.polling import GetRawUpdates, Polling
from bot.intake.taking_over import TakingOver
from bot.playground import Playground, start_playground
from bot.playground.people import write
from bot.playground.world import Person
from bot.telegram import build_bot
from core import Background, CoreError, Unavailable
from tests.unit.shelf import Inbox, Shelf

PERSON = 100


class Intake:
    def __init__(self, playground: Playground, bot: Bot) -> None:
        self.playground = playground
        self.bot = bot
        self.shelf = Shelf()
        self.given_up: list[int] = []
        self.seen: list[str] = []
        self.told: list[str] = []
        self.background = Background()
        self.handler: Callable[[Message], Awaitable[None]] | None = None
        self.handling: Handling
        self.taking_over: TakingOver
        self.polling: Polling

    def start(self) -> asyncio.Task[None]:
        dispatcher = Dispatcher(disable_fsm=True)

        @dispatcher.message()
        async def hears(message: Message) -> None:
            if self.handler:
                await self.handler(message)
            self.seen.append(message.text or "")

        async def give_up(raw: dict[str, Any], error: Exception) -> None:
            self.given_up.append(raw["update_id"])

        inbox: Any = Inbox(self.shelf)
        keeping = Keeping(inbox, self.bot.id)
        self.handling = Handling(self.bot, dispatcher, keeping, self.background, give_up)
        self.taking_over = TakingOver(keeping, self.handling, self.background)
        self.background.spawn(self.taking_over.run(), "kept updates")
        conflicts = Conflicts(self.bot, self.told.append)
        self.polling = Polling(self.bot, self.handling, self.background, ["message"], conflicts)
        return self.background.spawn(self.polling.run(), "polling")

    def says(self, text: str, person: int = PERSON) -> None:
        world = self.playground.world
        write(world, world.chat(world.bots[self.bot.id], world.person(person)), text)

    def pending(self) -> int:
        return len(self.playground.world.bots[self.bot.id].queue)

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(40):
            while not what():
                await asyncio.sleep(0.01)


@pytest.fixture
async def intake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Intake]:
    monkeypatch.setattr(polling_module, "GRACE_SECONDS", 0.2)
    playground = await start_playground()
    for number in (PERSON, PERSON + 1):
        playground.world.add_person(Person(number, "P", "", "", "ru"))
    bot = build_bot("7:intake", playground.telegram_url, 10)
    playground.world.add_bot(7)
    intake = Intake(playground, bot)
    yield intake
    await intake.background.drain(0)
    await bot.session.close()
    await playground.close()


async def test_updates_are_handled_in_order_and_confirmed(intake: Intake) -> None:
    for number in range(150):
        intake.says(str(number))
    running = intake.start()
    await intake.until(lambda: len(intake.seen) == 150)
    await intake.polling.stop(10)
    await running
    assert intake.seen == [str(number) for number in range(150)]
    assert intake.pending() == 0


async def test_what_was_being_handled_when_killed_comes_again(intake: Intake) -> None:
    started = asyncio.Event()

    async def hang(message: Message) -> None:
        started.set()
        await asyncio.Event().wait()

    intake.handler = hang
    intake.says("важное")
    intake.start()
    await started.wait()
    await intake.background.drain(0)
    assert intake.pending() == 1

    intake.handler = None
    intake.start()
    await intake.until(lambda: intake.seen == ["важное"])


async def test_an_update_that_always_fails_is_written_down_and_let_go(intake: Intake) -> None:
    async def fails(message: Message) -> None:
        if message.text == "плохое":
            raise RuntimeError("a bug")

    intake.handler = fails
    intake.says("плохое")
    intake.says("хорошее")
    intake.start()
    await intake.until(lambda: intake.seen == ["хорошее"])
    [update_id] = intake.given_up
    assert "a bug" in intake.shelf.failed[update_id]
    assert intake.shelf.updates[update_id]["message"]["text"] == "плохое"


async def test_a_slow_chat_is_kept_and_holds_nobody(intake: Intake) -> None:
    gate = asyncio.Event()

    async def slow(message: Message) -> None:
        if message.chat.id == PERSON:
            await gate.wait()

    intake.handler = slow
    intake.says("долгое")
    intake.start()
    await intake.until(lambda: len(intake.shelf.updates) == 1)
    intake.says("от соседа", PERSON + 1)
    await intake.until(lambda: intake.seen == ["от соседа"])
    intake.says("следом за долгим")
    gate.set()
    await intake.until(lambda: intake.seen[1:] == ["долгое", "следом за долгим"])
    await intake.until(lambda: not intake.shelf.updates)


async def test_nothing_is_confirmed_while_the_database_is_away(intake: Intake) -> None:
    intake.shelf.away = True

    async def away(message: Message) -> None:
        if intake.shelf.away:
            raise Unavailable("away")

    intake.handler = away
    intake.says("не потеряйся")
    intake.start()
    await asyncio.sleep(1)
    assert intake.pending() == 1
    assert intake.seen == []
    intake.shelf.away = False
    await intake.until(lambda: intake.seen == ["не потеряйся"])


async def test_a_repeated_update_is_handled_once_by_one_process(intake: Intake) -> None:
    intake.says("раз")
    intake.says("два")
    intake.start()
    await intake.until(lambda: len(intake.seen) == 2)
    intake.says("три")
    await intake.until(lambda: len(intake.seen) == 3)
    intake.playground.world.bots[7].queue.redeliver(2)
    intake.says("четыре")
    await intake.until(lambda: "четыре" in intake.seen)
    assert intake.seen == ["раз", "два", "три", "четыре"]


async def test_a_webhook_of_somebody_else_is_left_alone(intake: Intake) -> None:
    await intake.bot.set_webhook("http://127.0.0.1:9/hook")
    intake.says("привет")
    intake.start()
    await asyncio.sleep(0.5)
    assert (await intake.bot.get_webhook_info()).url == "http://127.0.0.1:9/hook"
    assert intake.seen == []
    await intake.bot.delete_webhook()
    await intake.until(lambda: intake.seen == ["привет"])


async def test_a_database_that_refuses_to_write_loses_nothing(intake: Intake) -> None:
    intake.shelf.away = True
    intake.shelf.trouble = CoreError("25006: read only")

    async def refuses(message: Message) -> None:
        if intake.shelf.away:
            raise intake.shelf.trouble

    intake.handler = refuses
    intake.says("не потеряйся")
    intake.start()
    await asyncio.sleep(2)
    assert intake.pending() == 1
    assert not intake.given_up
    intake.shelf.away = False
    await intake.until(lambda: intake.seen == ["не потеряйся"])


async def test_everything_kept_before_is_taken_up_and_then_dropped(intake: Intake) -> None:
    for number in range(1, 251):
        # Fifty chats of five messages each.
        chat = {"id": PERSON + number % 50, "type": "private"}
        message = {"message_id": number, "date": 1, "chat": chat, "text": str(number)}
        intake.shelf.put({"update_id": number, "message": message}, str(chat["id"]))
    running = intake.start()
    await intake.until(lambda: len(intake.seen) == 250)
    await intake.until(lambda: not intake.shelf.updates)
    for chat in range(50):
        of_chat = [int(text) for text in intake.seen if int(text) % 50 == chat]
        assert of_chat == sorted(of_chat)
    await intake.polling.stop(5)
    await running


async def test_a_stuck_chat_that_goes_on_writing_slows_nobody(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def slow(message: Message) -> None:
        if message.chat.id == PERSON:
            await gate.wait()

    intake.handler = slow
    intake.says("застрял")
    intake.start()
    await intake.until(lambda: len(intake.shelf.updates) == 1)
    # Nobody could wait for that, not even once.
    monkeypatch.setattr(polling_module, "GRACE_SECONDS", 1000.0)
    for number in range(5):
        intake.says(f"ещё {number}")
        intake.says(f"сосед {number}", PERSON + 1)
        await intake.until(lambda number=number: f"сосед {number}" in intake.seen)
    gate.set()
    await intake.until(lambda: len(intake.seen) == 11)
    await intake.until(lambda: not intake.shelf.updates)


async def test_an_update_of_an_unknown_shape_is_written_down(intake: Intake) -> None:
    world = intake.playground.world
    world.bots[7].queue.push("message", {"message_id": "x", "secret": "слова"}, "chat:0")
    intake.says("следом")
    intake.start()
    await intake.until(lambda: intake.seen == ["следом"])
    await intake.until(lambda: bool(intake.shelf.failed))
    [trace] = intake.shelf.failed.values()
    assert "message.message_id" in trace
    assert "слова" not in trace


async def test_stopping_while_telegram_is_away_does_not_wait_for_it(intake: Intake) -> None:
    await intake.playground.close()
    running = intake.start()
    await asyncio.sleep(0.3)
    async with asyncio.timeout(20):
        await intake.polling.stop(60)
        await running


@pytest.mark.parametrize("result", ["null", "[1, 2]", '[{"nope": 1}]', "{}", '"text"'])
async def test_what_are_no_updates_is_taken_for_a_server_in_trouble(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, result: str
) -> None:
    true_answer = intake.bot.session.json_loads
    lies = 1

    def loads(text: Any) -> Any:
        nonlocal lies
        if lies:
            lies -= 1
            return {"ok": True, "result": orjson.loads(result)}
        return true_answer(text)

    monkeypatch.setattr(intake.bot.session, "json_loads", loads)
    intake.says("привет")
    intake.start()
    await intake.until(lambda: intake.seen == ["привет"])
    assert lies == 0


async def poll_as_another(intake: Intake, times: int) -> None:
    """A program that polls without any regard for others."""
    rival = build_bot("7:intake", intake.playground.telegram_url, 1)
    for _ in range(times):
        with contextlib.suppress(TelegramConflictError):
            await rival.get_updates(timeout=1)
    await rival.session.close()


async def test_another_poller_is_told_once_and_not_fought(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(conflicts_module, "FIRST_PAUSE_SECONDS", 0.5)
    intake.says("раз")
    intake.start()
    await intake.until(lambda: intake.seen == ["раз"])
    await poll_as_another(intake, 4)
    await intake.until(lambda: bool(intake.told))
    assert set(intake.told) == {"getUpdates"}
    assert caplog.text.count("another program polls for this bot") == 1
    # The other one is gone: ours goes on by itself.
    intake.says("привет")
    await intake.until(lambda: intake.seen == ["раз", "привет"])


async def test_a_webhook_in_the_way_is_named_by_its_host(
    intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    await intake.bot.set_webhook("http://localhost:9/their-secret-path")
    intake.start()
    await intake.until(lambda: bool(intake.told))
    assert intake.told == ["webhook: localhost"]
    assert "webhook --delete" in caplog.text
    assert "their-secret-path" not in caplog.text


async def test_pauses_grow_while_the_other_one_stays_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bot: Any = None
    told: list[str] = []
    conflicts = Conflicts(bot, told.append)

    def logged() -> int:
        return sum("another program polls" in message for message in caplog.messages)

    error = TelegramConflictError(
        GetRawUpdates(allowed_updates=[]), "terminated by other getUpdates"
    )
    pauses = [await conflicts.meet(error) for _ in range(8)]
    assert 2.4 <= pauses[0] <= 3
    assert pauses[:5] == sorted(pauses[:5])
    assert 48 <= pauses[-1] <= 60
    # One answered poll is what the other one left for a moment.
    conflicts.undisturbed()
    assert await conflicts.meet(error) >= 48
    assert (told, logged()) == (["getUpdates"] * 9, 1)
    monkeypatch.setattr(conflicts_module, "CALM_SECONDS", 0)
    conflicts.undisturbed()
    assert await conflicts.meet(error) <= 3
    assert (told, logged()) == (["getUpdates"] * 10, 2)
