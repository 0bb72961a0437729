from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.database import reachable_folder
from tests.processes import Ground, ground, stop_database


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as path:
        yield path


@pytest.fixture
async def data(folder: Path) -> AsyncIterator[Path]:
    """DATA_DIR; whatever a killed bot leaves running there is ended."""
    path = folder / "data"
    yield path
    await stop_database(path)


@pytest.fixture
async def here(folder: Path) -> AsyncIterator[Ground]:
    async with ground(folder) as started:
        yield started
