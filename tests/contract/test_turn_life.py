"""A turn in one process: joins, stop, failure, hand-over. Real database, scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.background import Background
from core.dialogue.companion import Reply
from core.dialogue.deliveries import StoredDeliveries
from core.dialogue.delivery import Delivery
from core.dialogue.messages import Dialogue
from core.dialogue.parts import ANSWER_CHARACTERS
from core.dialogue.turn import Turn
from core.dialogue.turns import Turns
from core.errors import CoreError, Filtered, ModelDown, ModelRejected, Unavailable


class Script:
    """A model that waits for the test: `calls` holds what each call was asked."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.called = asyncio.Event()
        self.go = asyncio.Event()
        self.says = "Вот ответ"
        self.first_words: str | None = None
        self.error: Exception | None = None

    async def prepare(self, turn: Turn, front: Any, preview: Any) -> bool:
        raise AssertionError("there are no files here")

    async def answer(
        self, turn: Turn, preview: Any, show: Callable[[str], None], given: list[Any]
    ) -> Reply:
        self.calls.append([said.content for said in turn.unanswered])
        self.called.set()
        if self.first_words:
            show(self.first_words)
        await self.go.wait()
        if self.error:
            raise self.error
        show(self.says)
        return Reply(self.says, finished=True)


class Seen:
    """The preview: words count as shown as soon as they are given."""

    shown_words = False

    def show(self, markdown: str) -> None:
        self.shown_words = self.shown_words or bool(markdown)


class Screen:
    """Where words arrive: handed over by the turn, or swept up when they had to wait."""

    def __init__(self, db: Any) -> None:
        self._deliveries = StoredDeliveries(db, per_second=30)
        self._arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        self.troubles: list[CoreError] = []

    @asynccontextmanager
    async def preview(self, turn: Turn) -> AsyncGenerator[Seen]:
        yield Seen()

    async def deliver(self, turn: Turn, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await self._deliveries.delivered(delivery, [1])
            self._arrived.put_nowait(delivery)

    async def sweep(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            for delivery in (await self._deliveries.claim(5)).deliveries:
                await self._deliveries.delivered(delivery, [1])
                self._arrived.put_nowait(delivery)

    def trouble(self, error: CoreError) -> None:
        self.troubles.append(error)

    async def next(self) -> Delivery:
        async with asyncio.timeout(20):
            return await self._arrived.get()


class World:
    def __init__(self, db: Any) -> None:
        self.background = Background()
        self.turns = Turns(db, self.background, worker="w", history=50, limit=10)
        self.dialogue = Dialogue(db, self.turns)
        self.model = Script()
        self.screen = Screen(db)
        self.background.spawn(self.turns.run(self.model, self.screen), "turns")
        self.background.spawn(self.screen.sweep(), "sweep")
        self._keys = 0

    async def says(self, person: Any, *texts: str) -> None:
        for text in texts:
            self._keys += 1
            await self.dialogue.receive(
                person.user_id,
                source_key=f"tg:{self._keys}",
                content=text,
                origin={"key": f"m:{self._keys}"},
            )

    async def call(self) -> None:
        async with asyncio.timeout(20):
            await self.model.called.wait()
        self.model.called.clear()


@pytest.fixture
async def world(db: Any) -> AsyncIterator[World]:
    world = World(db)
    yield world
    await world.background.drain(0)


@pytest.fixture
async def anna(someone: Any) -> Any:
    person = await someone()
    person.vision = (await person.creates())["id"]
    return person


async def test_messages_before_the_first_words_join_the_turn(world: World, anna: Any) -> None:
    await world.says(anna, "Хочу")
    await world.call()
    await world.says(anna, "дом", "у моря")
    await world.call()
    world.model.go.set()
    assert (await world.screen.next()).content == "Вот ответ"
    assert world.model.calls == [["Хочу"], ["Хочу", "дом", "у моря"]]
    assert await anna.hears(anna.vision) == [
        ("user", "Хочу"),
        ("user", "дом"),
        ("user", "у моря"),
        ("assistant", "Вот ответ"),
    ]


async def test_an_answer_without_end_is_cut_and_said_to_be(world: World, anna: Any) -> None:
    world.model.says = "слово " * 100_000
    world.model.go.set()
    await world.says(anna, "Говори")
    delivery = await world.screen.next()
    assert len(delivery.content) <= ANSWER_CHARACTERS
    assert delivery.payload == {"unfinished": True}


async def test_after_the_first_words_a_message_is_answered_next(world: World, anna: Any) -> None:
    world.model.first_words = "Вот"
    await world.says(anna, "Хочу дом")
    await world.call()
    await world.says(anna, "и сад")
    world.model.go.set()
    await world.screen.next()
    await world.screen.next()
    assert world.model.calls == [["Хочу дом"], ["и сад"]]
    senders = [sender for sender, _ in await anna.hears(anna.vision)]
    assert senders == ["user", "assistant", "user", "assistant"]


async def test_a_call_is_made_again_three_times_at_most(world: World, anna: Any) -> None:
    await world.says(anna, "0")
    for number in range(1, 4):
        await world.call()
        await world.says(anna, str(number))
    await world.call()
    await world.says(anna, "4")
    world.model.go.set()
    await world.screen.next()
    await world.screen.next()
    assert world.model.calls[3:] == [["0", "1", "2", "3"], ["4"]]


async def test_an_edit_before_the_first_words_is_what_gets_answered(
    world: World, anna: Any
) -> None:
    await world.says(anna, "Хочу дом")
    await world.call()
    assert await world.dialogue.edit(anna.user_id, "m:1", "Хочу сад") == "unanswered"
    await world.call()
    world.model.go.set()
    await world.screen.next()
    assert world.model.calls == [["Хочу дом"], ["Хочу сад"]]


async def test_an_edit_after_the_first_words_is_said_to_come_too_late(
    world: World, anna: Any
) -> None:
    world.model.first_words = "Вот"
    await world.says(anna, "Хочу дом")
    await world.call()
    assert await world.dialogue.edit(anna.user_id, "m:1", "Хочу сад") == "unanswered"
    world.model.go.set()
    assert (await world.screen.next()).content == "Вот ответ"
    assert (await world.screen.next()).payload == {"notice": "edited_late"}
    assert world.model.calls == [["Хочу дом"]]


async def test_an_edit_of_what_waits_for_the_next_turn_is_not_late(world: World, anna: Any) -> None:
    world.model.first_words = "Вот"
    await world.says(anna, "Хочу дом")
    await world.call()
    await world.says(anna, "и сад")
    assert await world.dialogue.edit(anna.user_id, "m:2", "и лес") == "unanswered"
    world.model.go.set()
    heard = [await world.screen.next(), await world.screen.next()]
    assert [delivery.content for delivery in heard] == ["Вот ответ", "Вот ответ"]
    assert world.model.calls == [["Хочу дом"], ["и лес"]]


async def test_stop_keeps_what_was_said(world: World, anna: Any) -> None:
    world.model.first_words = "Начну с того, что "
    await world.says(anna, "Расскажи")
    await world.call()
    assert await world.dialogue.stop(anna.user_id)
    delivery = await world.screen.next()
    assert (delivery.content, delivery.payload) == ("Начну с того, что", {"stopped": True})
    assert (await anna.hears(anna.vision))[-1] == ("assistant", "Начну с того, что")


async def test_what_other_processes_say_comes_by_renewal_too(
    world: World, anna: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if no notification came through: only renewing tells of a message and of Stop.
    monkeypatch.setattr("core.dialogue.turns.RENEW_SECONDS", 0.2)
    monkeypatch.setattr("core.dialogue.turns.DEAF_SECONDS", 0.2)
    monkeypatch.setattr(world.turns, "arrived", lambda *_: None)
    monkeypatch.setattr(world.turns, "stop", lambda _: None)
    await anna.says("первое")
    await world.call()
    await anna.says("второе")
    await world.call()
    assert world.model.calls == [["первое"], ["первое", "второе"]]
    await anna.call("stop_turns", draft_id=None)
    assert (await world.screen.next()).payload == {"notice": "stopped"}


async def test_stop_before_any_word_is_confirmed_and_not_answered_later(
    world: World, anna: Any, worker: Any
) -> None:
    await world.says(anna, "Расскажи")
    await world.call()
    await world.dialogue.stop(anna.user_id)
    assert (await world.screen.next()).payload == {"notice": "stopped"}
    assert await worker.claims() == []


async def test_a_model_that_stays_down_leaves_the_message_for_a_retry(
    world: World, anna: Any
) -> None:
    world.model.error = ModelDown("503")
    world.model.go.set()
    await world.says(anna, "Вопрос")
    assert (await world.screen.next()).payload == {"notice": "down"}

    world.model.error = None
    assert await world.dialogue.retry(anna.user_id, anna.vision) == "queued"
    assert (await world.screen.next()).content == "Вот ответ"
    assert await anna.hears(anna.vision) == [("user", "Вопрос"), ("assistant", "Вот ответ")]


async def test_a_filtered_answer_is_said_so_and_ends_the_turn(
    world: World, anna: Any, worker: Any
) -> None:
    world.model.error = Filtered("nothing left")
    world.model.go.set()
    await world.says(anna, "Вопрос")
    assert (await world.screen.next()).payload == {"notice": "filtered"}
    assert not world.screen.troubles
    assert await worker.claims() == []


@pytest.mark.parametrize("error", [ModelRejected("key", "bad key"), RuntimeError("a bug")])
async def test_whatever_fails_the_person_hears_and_the_lane_is_free(
    world: World, anna: Any, error: Exception
) -> None:
    world.model.error = error
    world.model.go.set()
    await world.says(anna, "Вопрос")
    assert (await world.screen.next()).payload == {"notice": "down"}
    assert len(world.screen.troubles) == 1
    world.model.error = None
    await world.says(anna, "Ещё раз")
    assert (await world.screen.next()).content == "Вот ответ"
    assert world.model.calls[-1] == ["Вопрос", "Ещё раз"]


async def test_an_answer_outlives_a_database_that_is_away(
    world: World, anna: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.says(anna, "Вопрос")
    await world.call()
    refusals = 2
    call = db.call

    async def flaky(function: str, /, **arguments: Any) -> Any:
        nonlocal refusals
        if function == "complete_turn" and refusals:
            refusals -= 1
            raise Unavailable("away")
        return await call(function, **arguments)

    monkeypatch.setattr(db, "call", flaky)
    world.model.go.set()
    assert (await world.screen.next()).content == "Вот ответ"
    assert refusals == 0


async def test_a_database_away_during_a_join_is_no_fault_of_the_model(
    world: World, anna: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = 3
    call = db.call

    async def flaky(function: str, /, **arguments: Any) -> Any:
        nonlocal refusals
        if function == "reload_turn" and refusals:
            refusals -= 1
            raise Unavailable("away")
        return await call(function, **arguments)

    monkeypatch.setattr(db, "call", flaky)
    await world.says(anna, "Хочу")
    await world.call()
    await world.says(anna, "дом")
    await world.call()
    world.model.go.set()
    assert (await world.screen.next()).content == "Вот ответ"
    assert refusals == 0
    assert not world.screen.troubles


async def test_a_claim_that_fails_for_any_reason_is_made_again(
    world: World, anna: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = 2
    call = db.call

    async def flaky(function: str, /, **arguments: Any) -> Any:
        nonlocal refusals
        if function == "claim_turns" and refusals:
            refusals -= 1
            raise CoreError("25006")
        return await call(function, **arguments)

    monkeypatch.setattr(db, "call", flaky)
    world.model.go.set()
    await world.says(anna, "Вопрос")
    assert (await world.screen.next()).content == "Вот ответ"


async def test_draining_gives_the_turn_to_whoever_comes_next(
    world: World, anna: Any, worker: Any
) -> None:
    await world.says(anna, "Вопрос")
    await world.call()
    await world.turns.drain(0.01)
    [turn] = await worker.claims()
    assert turn["unanswered"][0]["content"] == "Вопрос"
    assert turn["attempt"] == 1


async def test_a_long_text_and_a_burst_are_told_to_the_person(world: World, anna: Any) -> None:
    world.model.go.set()
    for number in range(5):
        await anna.says(str(number) * 4096, delay_ms=2000)
    world.turns.wake()
    notice, answer = await world.screen.next(), await world.screen.next()
    assert notice.payload == {"notice": "too_long", "characters": 20480, "limit": 16000}
    assert answer.content == "Вот ответ"
    assert sum(map(len, world.model.calls[0])) == 16000

    for number in range(25):
        await anna.says(str(number), delay_ms=2000)
    assert (await world.screen.next()).payload == {"notice": "burst", "count": 25}
