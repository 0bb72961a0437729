"""Who is alone on the embedded database settles before others come in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database.embedded import EmbeddedPostgres
from tests.database import reachable_folder


@pytest.fixture
def directory() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "postgres"


async def test_others_come_in_when_the_first_has_settled(directory: Path) -> None:
    first, second = EmbeddedPostgres(directory), EmbeddedPostgres(directory)
    first.launch(settling=True)
    await first.start()
    assert first.sole
    joining = asyncio.ensure_future(second.start())
    try:
        await asyncio.sleep(0.5)
        assert not joining.done()
        first.settled()
        async with asyncio.timeout(60):
            await joining
        assert not second.sole
    finally:
        await first.stop()
        await second.stop()


async def test_a_first_one_that_never_settles_keeps_nobody_out_when_it_leaves(
    directory: Path,
) -> None:
    first, second = EmbeddedPostgres(directory), EmbeddedPostgres(directory)
    first.launch(settling=True)
    await first.start()
    joining = asyncio.ensure_future(second.start())
    await asyncio.sleep(0.2)
    await first.stop()
    async with asyncio.timeout(60):
        await joining
    assert second.sole
    await second.stop()


async def test_a_newcomer_has_nothing_to_settle(directory: Path) -> None:
    first, second, third = (EmbeddedPostgres(directory) for _ in range(3))
    await first.start()
    second.launch(settling=True)
    await second.start()
    async with asyncio.timeout(60):
        await third.start()
    for each in (first, second, third):
        await each.stop()
