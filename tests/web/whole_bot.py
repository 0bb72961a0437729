"""The whole product behind the page: `python -m bot` with nothing set but where to keep things."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.database import reachable_folder
from tests.processes import Process, stop_database


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as path:
        yield path


@pytest.fixture
async def page_url(folder: Path) -> AsyncIterator[str]:
    """The address that the bot prints."""
    settings = {"DATA_DIR": str(folder / "data"), "PLAYGROUND_PORT": "0"}
    bot = Process("-m", "bot", log=folder / "bot.log", env=settings)
    await bot.start()
    try:
        line = ""
        while bot.alive and "http://" not in line:
            line = await bot.line()
        assert "http://127.0.0.1:" in line, bot.text()
        yield next(word for word in line.split() if word.startswith("http"))
        assert await bot.terminate() == 0
    finally:
        await bot.kill()
        await stop_database(folder / "data")
