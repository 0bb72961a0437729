"""Leases of deliveries that take long: kept while somebody is at work on them, and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.delivery import holding
from bot.delivery.holding import Holding
from core import Unavailable
from tests.unit.test_outbox import SIMPLE, Kept

OTHER = replace(SIMPLE, id=SIMPLE.id + 1)


@asynccontextmanager
async def kept(held: Holding) -> AsyncIterator[None]:
    keeping = asyncio.ensure_future(held.keep())
    yield
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def test_what_is_held_stays_sure_for_as_long_as_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holding, "SURE_SECONDS", 0.5)
    deliveries = Kept()
    held = Holding(deliveries, renew_seconds=0.05)
    async with kept(held):
        with held.hold([SIMPLE, OTHER]):
            deliveries.taken.add(OTHER.id)
            await asyncio.sleep(1)
            assert held.is_sure(SIMPLE)
            assert not held.is_sure(OTHER)
        assert not held.is_sure(SIMPLE)


async def test_a_database_that_is_away_makes_nothing_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "SURE_SECONDS", 0.5)
    deliveries = Kept()
    deliveries.errors = [Unavailable("away")] * 1000
    held = Holding(deliveries, renew_seconds=0.05)
    async with kept(held):
        with held.hold([SIMPLE]):
            assert held.is_sure(SIMPLE)
            await asyncio.sleep(1)
            assert not held.is_sure(SIMPLE)
            deliveries.errors.clear()
            await asyncio.sleep(0.3)
            assert held.is_sure(SIMPLE)
