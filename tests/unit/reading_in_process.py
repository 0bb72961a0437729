"""`Isolated` without isolation: the same jobs, called here."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.isolated import JobFailed, JobRefused, Limits
from core.isolated.allowed import find

_LIMITS = Limits()


def scratch_in(folder: Path) -> Callable[[], AbstractAsyncContextManager[Path]]:
    """Empty folders inside `folder`, gone after use."""

    @asynccontextmanager
    async def scratch() -> AsyncGenerator[Path]:
        with TemporaryDirectory(dir=folder) as made:
            yield Path(made)

    return scratch


class InProcess:
    def __init__(self) -> None:
        self.fails: JobFailed | JobRefused | None = None
        self.limits: list[Limits] = []

    async def run(
        self, job: str, arguments: Mapping[str, Any], limits: Limits = _LIMITS
    ) -> dict[str, Any]:
        self.limits.append(limits)
        if self.fails:
            raise self.fails
        result = find(job, ("core.",))(json.loads(json.dumps(dict(arguments))))
        return json.loads(json.dumps(result, allow_nan=False))

    async def close(self) -> None:
        pass
