"""What a process knows to hold, while the database's answers are on their way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from bot.intake.handling import Handling
from bot.intake.keeping import Keeping
from bot.intake.taking_over import TakingOver
from core import Background, Unavailable
from core.inbox import Claimed
from tests.unit import shelf
from tests.unit.shelf import Shelf

BOT = 42
LANE = "100"


def update(number: int) -> dict[str, Any]:
    return {"update_id": number, "message": {"chat": {"id": int(LANE)}}}


class Inbox(shelf.Inbox):
    """What is asked is done at once; the answer to `slow` comes when the gate opens."""

    def __init__(self, shelf: Shelf, holder: str) -> None:
        super().__init__(shelf, holder)
        self.slow = ""
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.lanes: asyncio.Queue[str] = asyncio.Queue()

    async def _answer(self, question: str) -> None:
        if question == self.slow:
            self.slow = ""
            self.asked.set()
            await self.gate.wait()

    async def leave(self, *arguments: Any, **named: Any) -> None:
        await super().leave(*arguments, **named)
        await self._answer("leave")

    async def write_off(self, *arguments: Any, **named: Any) -> None:
        await super().write_off(*arguments, **named)
        await self._answer("write_off")

    async def claim(self, bot_id: int) -> Claimed:
        claimed = await super().claim(bot_id)
        await self._answer("claim")
        return claimed

    async def renew(self, *arguments: Any) -> set[int]:
        renewed = await super().renew(*arguments)
        await self._answer("renew")
        return renewed

    async def drop(self, *arguments: Any) -> None:
        await super().drop(*arguments)
        await self._answer("drop")

    async def heard(self, bot_id: int) -> Any:
        while True:
            yield await self.lanes.get()


class Ours:
    def __init__(self) -> None:
        self.background = Background()
        self.shelf = Shelf()
        self.inbox = Inbox(self.shelf, "me")
        inbox: Any = self.inbox
        self.keeping = Keeping(inbox, BOT)

    async def during(self, question: str, asks: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Returns while the answer to `question` is awaited."""
        self.inbox.slow = question
        task = self.background.spawn(asks, question)
        async with asyncio.timeout(20):
            await self.inbox.asked.wait()
        return task

    async def answered(self, task: asyncio.Task[Any]) -> Any:
        self.inbox.gate.set()
        async with asyncio.timeout(20):
            return await task


@pytest.fixture
async def ours() -> AsyncIterator[Ours]:
    ours = Ours()
    yield ours
    await ours.background.drain(0)


async def test_a_lane_heard_of_during_a_claim_is_not_forgotten(ours: Ours) -> None:
    ours.background.spawn(ours.keeping.listen(), "listen")
    claiming = await ours.during("claim", ours.keeping.claim())
    ours.inbox.lanes.put_nowait(LANE)
    async with asyncio.timeout(20):
        while not ours.keeping.is_elsewhere(LANE):
            await asyncio.sleep(0.01)
    await ours.answered(claiming)
    assert ours.keeping.is_elsewhere(LANE)
    await ours.keeping.claim()
    assert not ours.keeping.is_elsewhere(LANE)


async def test_what_is_being_left_is_not_claimed_before_that_is_known(ours: Ours) -> None:
    leaving = await ours.during("leave", ours.keeping.leave(update(1)))
    claiming = ours.background.spawn(ours.keeping.claim(), "claim")
    for _ in range(5):
        await asyncio.sleep(0)
    assert ours.shelf.holders == {1: ""}
    await ours.answered(leaving)
    assert await claiming == [update(1)]
    assert await ours.keeping.renew() == set()
    assert ours.shelf.holders == {1: "me"}


@pytest.mark.parametrize(
    ("end", "ends"),
    [
        ("drop", lambda keeping: keeping.drop(1)),
        ("leave", lambda keeping: keeping.leave(update(1))),
        ("write_off", lambda keeping: keeping.write_off(update(1), "oh")),
    ],
)
async def test_what_ends_during_a_renewal_was_taken_by_nobody(
    ours: Ours, end: str, ends: Callable[[Keeping], Coroutine[Any, Any, None]]
) -> None:
    """The database has done it, and has not answered yet."""
    await ours.keeping.keep(update(1))
    ending = await ours.during(end, ends(ours.keeping))
    assert await ours.keeping.renew() == set()
    await ours.answered(ending)
    assert not await ours.keeping.renew()


async def test_what_could_not_be_written_off_is_held_on(ours: Ours) -> None:
    await ours.keeping.keep(update(1))
    ours.shelf.away = True
    with pytest.raises(Unavailable):
        await ours.keeping.write_off(update(1), "oh")
    ours.shelf.away = False
    ours.shelf.holders[1] = "another"
    assert await ours.keeping.renew() == {1}


async def test_nobody_looks_twice_at_once(ours: Ours) -> None:
    handling: Any = Handling
    taking_over = TakingOver(ours.keeping, handling, ours.background)
    await ours.keeping.keep(update(1))
    looking = await ours.during("renew", taking_over.look())
    ours.shelf.put({"update_id": 2}, "update:2")
    again = ours.background.spawn(taking_over.look(), "look")
    for _ in range(5):
        await asyncio.sleep(0)
    assert ours.shelf.holders[2] == ""
    taking_over.stop()
    await ours.answered(looking)
    await again
