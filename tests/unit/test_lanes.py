"""Lanes keep order inside and let nobody wait for a neighbour."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.lanes import Lanes
from core import Background


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    await background.drain(0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_order_holds_inside_a_lane_whatever_the_pauses(jobs: list[tuple[int, int]]) -> None:
    async def play() -> list[tuple[int, int]]:
        lanes, seen = Lanes(Background()), list[tuple[int, int]]()

        async def job(lane: int, number: int, pauses: int) -> None:
            for _ in range(pauses):
                await asyncio.sleep(0)
            seen.append((lane, number))

        await asyncio.gather(
            *(
                lanes.put(lane, lambda lane=lane, n=number, p=pauses: job(lane, n, p))
                for number, (lane, pauses) in enumerate(jobs)
            )
        )
        return seen

    seen = asyncio.run(play())
    assert len(seen) == len(jobs)
    for lane in range(4):
        numbers = [number for each, number in seen if each == lane]
        assert numbers == sorted(numbers)


async def test_a_stuck_lane_holds_only_itself(background: Background) -> None:
    lanes = Lanes(background)
    stuck = lanes.put("a", asyncio.Event().wait)  # type: ignore[arg-type]
    behind = lanes.put("a", lambda: asyncio.sleep(0))
    await lanes.put("b", lambda: asyncio.sleep(0))
    assert not stuck.done()
    assert not behind.done()


async def test_an_error_reaches_its_owner_and_not_the_next_job(background: Background) -> None:
    lanes = Lanes(background)

    async def fails() -> None:
        raise ValueError("no")

    first = lanes.put("a", fails)
    second = lanes.put("a", lambda: asyncio.sleep(0))
    await second
    with pytest.raises(ValueError, match="no"):
        await first
