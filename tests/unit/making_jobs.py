"""Files made by the real jobs, without a process for each."""

from __future__ import annotations

import asyncio
import importlib
import json
import tempfile
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.isolated import Limits
from core.making import MadeFile
from core.making.maker import LIMITS, DocumentMaker

MOSCOW = ZoneInfo("Europe/Moscow")


class InThisProcess:
    """Like `IsolatedProcesses`: arguments and result travel as JSON, any error is a failure."""

    async def run(
        self, job: str, arguments: Mapping[str, Any], limits: Limits = LIMITS
    ) -> dict[str, Any]:
        module, name = job.split(":")
        found = importlib.import_module(module)
        assert name in found.JOBS
        result = getattr(found, name)(json.loads(json.dumps(dict(arguments), allow_nan=False)))
        return json.loads(json.dumps(result))

    async def close(self) -> None:
        pass


class Refusing:
    """Ends every job in the way given."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def run(
        self, job: str, arguments: Mapping[str, Any], limits: Limits = LIMITS
    ) -> dict[str, Any]:
        raise self.error

    async def close(self) -> None:
        pass


def make(folder: Path, language: str = "ru", zone: tzinfo = MOSCOW, **arguments: Any) -> MadeFile:
    maker = DocumentMaker(InThisProcess())
    words = json.dumps({"name": "Файл", **arguments})
    return asyncio.run(maker.make(words, folder, language=language, zone=zone))


def made_bytes(**arguments: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return make(Path(folder), **arguments).path.read_bytes()
