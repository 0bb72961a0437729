"""Jobs in processes of their own, forked from a server that has their libraries loaded."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from core.isolated import Failure, JobFailed, JobRefused, Limits
from core.isolated.allowed import UnknownJob, split
from core.isolated.connection import Connection, ServerDied, connect
from core.isolated.wire import BODY_BYTES, Answer

log = logging.getLogger(__name__)

IDLE_SECONDS = 600.0
_START_SECONDS = 60.0
_TRIES = 2
_LIMITS = Limits()
_LOGGED = 300
_REASON = re.compile(r"[a-z_]{1,40}")
_FAILURES: dict[int, Failure] = {
    Answer.MEMORY: "memory",
    Answer.TIME: "time",
    Answer.CRASH: "crash",
}


class IsolatedProcesses:
    """See core.isolated.Isolated. Linux and macOS; macOS knows no limit of memory."""

    def __init__(
        self,
        *,
        at_once: int = 2,
        packages: Sequence[str] = ("core.",),
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """`packages` are prefixes of modules whose `JOBS` may run. The server starts with the
        first job and goes after `idle_seconds` without one."""
        self._packages = tuple(packages)
        self._idle_seconds = idle_seconds
        self._slots = asyncio.Semaphore(at_once)
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._connection: Connection | None = None
        self._folder: Path | None = None
        self._closed = False

    @property
    def server_pid(self) -> int | None:
        """None while no server runs."""
        connection = self._connection
        return connection.pid if connection is not None and connection.alive else None

    async def run(
        self, job: str, arguments: Mapping[str, Any], limits: Limits = _LIMITS
    ) -> dict[str, Any]:
        """Raises ValueError for a job that is not allowed and for arguments beyond 4 MB. A result
        beyond 4 MB is a `JobFailed("memory")`."""
        split(job, self._packages)
        request = json.dumps(
            {
                "job": job,
                "arguments": dict(arguments),
                "seconds": limits.seconds,
                "megabytes": limits.megabytes,
            },
            # Cyrillic would be three times as long in escapes.
            ensure_ascii=False,
        ).encode("utf-8", "surrogatepass")
        if len(request) > BODY_BYTES:
            raise ValueError(f"arguments of {job} have {len(request)} bytes")
        async with self._slots:
            kind, body = await self._ask(request, limits)
        return _result(job, kind, body)

    async def close(self) -> None:
        """Jobs that still run fail."""
        self._closed = True
        async with self._starting:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None
            if self._folder is not None:
                await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
                self._folder = None

    async def _ask(self, request: bytes, limits: Limits) -> tuple[int, bytes]:
        # A server may go for reasons that are not this job's: the second try tells.
        for _ in range(_TRIES):
            if self._closed:
                break
            with suppress(ServerDied):
                connection = await self._connected()
                number = next(self._numbers)
                return await connection.ask(number, request, limits.seconds + _START_SECONDS)
        return Answer.CRASH, b"the job server died"

    async def _connected(self) -> Connection:
        async with self._starting:
            if self._connection is not None and not self._connection.alive:
                await self._connection.close()
                self._connection = None
            if self._connection is None:
                if self._closed:
                    raise ServerDied
                if self._folder is None:
                    self._folder = Path(tempfile.mkdtemp(prefix="vision-path-jobs-"))
                self._connection = await connect(self._folder, self._packages, self._idle_seconds)
            return self._connection


def _result(job: str, kind: int, body: bytes) -> dict[str, Any]:
    if kind == Answer.RESULT:
        # What a broken-into job hands back is as foreign as the file that broke it.
        with suppress(ValueError, RecursionError):
            result: object = json.loads(body)
            if isinstance(result, dict):
                return cast("dict[str, Any]", result)
        raise JobFailed("crash")
    reason = body.decode("ascii", "replace")
    if kind == Answer.REFUSED and _REASON.fullmatch(reason):
        raise JobRefused(reason)
    if kind == Answer.UNKNOWN:
        raise UnknownJob(job)
    failure = _FAILURES.get(kind, "crash")
    log.warning("%s failed: %s %r", job, failure, reason[:_LOGGED])
    raise JobFailed(failure)
