"""One job server as its parent sees it: started, asked, ended."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from core.background import Background
from core.isolated.wire import HEADER, Ask, frame

log = logging.getLogger(__name__)

_PROJECT = Path(__file__).parents[2]
_KEPT = ("PATH", "LANG", "LC_ALL", "HOME", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_END_SECONDS = 5.0
_KILL_SECONDS = 2.0


class ServerDied(Exception):
    """The server ended before it answered."""


class Connection:
    """Answers are awaited by number; all of them get `ServerDied` when the server ends."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        self._background = Background()
        self._ended = False
        self._background.spawn(self._listen(), "answers of jobs")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._ended and self._process.poll() is None

    async def ask(self, number: int, request: bytes, seconds: float) -> tuple[int, bytes]:
        """Raises `ServerDied`, also when there is no answer within `seconds`.

        When cancelled, the job is dead before this returns, if the server is well.
        """
        if self._ended:
            raise ServerDied
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._writer.write(frame(number, Ask.RUN, request))
            async with asyncio.timeout(seconds):
                return await asyncio.shield(answer)
        except TimeoutError:
            log.warning("the job server does not answer")
            self.kill()
            raise ServerDied from None
        except asyncio.CancelledError:
            if not self._ended:
                self._writer.write(frame(number, Ask.KILL))
                await asyncio.wait((answer,), timeout=_KILL_SECONDS)
            raise
        finally:
            self._waiting.pop(number, None)
            answer.cancel()

    def kill(self) -> None:
        self._process.kill()

    async def close(self) -> None:
        """The server ends its jobs and itself once nobody holds the other end."""
        self._writer.close()
        await self._background.drain(2 * _END_SECONDS)

    async def _listen(self) -> None:
        try:
            while True:
                number, kind, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
                body = await self._reader.readexactly(length)
                answer = self._waiting.get(number)
                if answer is not None and not answer.done():
                    answer.set_result((kind, body))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._ended = True
            self._writer.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ServerDied())
                    answer.exception()  # its caller may have been cancelled meanwhile
        await asyncio.to_thread(self._bury)

    def _bury(self) -> None:
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


async def connect(folder: Path, packages: Sequence[str], idle_seconds: float) -> Connection:
    """Start a server. `folder` is where its jobs may leave what they like."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = _spawn(theirs, folder, [str(idle_seconds), *packages])
    except BaseException:
        ours.close()
        raise
    log.debug("job server %d started", process.pid)
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    return Connection(process, reader, writer)


def _spawn(
    parent: socket.socket, folder: Path, arguments: Sequence[str]
) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-P", "-m", "core.isolated.server"]
    return subprocess.Popen(
        [*program, str(parent.fileno()), str(folder), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(parent.fileno(),),
        start_new_session=True,  # Ctrl-C in our terminal is not meant for it
        cwd="/",
        env=_environment(folder),
        umask=0o077,
    )


def _environment(folder: Path) -> dict[str, str]:
    """Without our own, which holds secrets; with one thread wherever a library would take many."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "PYTHONPATH": str(_PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "TMPDIR": str(folder),
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "RAYON_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
