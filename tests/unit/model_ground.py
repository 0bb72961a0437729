"""The scripted model at once, and a real OpenAI client for it: fixtures to be imported."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from bot.playground import Playground, start_playground
from bot.playground.model_conduct import Conduct


@pytest.fixture
async def ground() -> AsyncIterator[Playground]:
    playground = await start_playground()
    playground.model.behave(Conduct(first_token=0.0, total=0.0))
    yield playground
    await playground.close()


@pytest.fixture
async def client(ground: Playground) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key="any", base_url=ground.model_url, max_retries=0) as client:
        yield client
