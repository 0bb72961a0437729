"""PostgreSQL for those who have none: a real server of our own under DATA_DIR.

Imports the standard library only and quickly: the command line launches the server first and
imports everything else while it starts.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Generator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from core.database.binaries import MAJOR, programs
from core.database.file_lock import FileLock
from core.database.moved import refuse_moved
from core.database.os_user import SHELTER, make_parents, settle
from core.database.postmaster import RECOVERY_SECONDS, Postmaster
from core.database.swap import finish_swap
from core.errors import Misconfigured

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.2


class EmbeddedPostgres:
    """One process's share in the server of one directory (`DATA_DIR/postgres`).

    Several processes may share a directory: the first starts the server, the last stops it. Two
    locks beside the directory tell who: `<name>.lock` is held for the moment of starting or
    stopping, `<name>.users` is held shared as long as a process uses the server. Both vanish with
    their process, so a killed one leaves nothing to clean: its server lives on, and the next start
    takes it over.

    `sole` after the start: nobody else used the server then, so whatever the tables say is being
    worked on was left by processes that are gone.
    """

    def __init__(
        self,
        directory: Path,
        *,
        settings: Mapping[str, str] | None = None,
        shelter: Path = SHELTER,
        major: str = MAJOR,
        reads_only: bool = False,
    ) -> None:
        """`settings` override PostgreSQL's; `shelter` is for root, see os_user.settle. Who only
        reads may also use data that were moved elsewhere or made by an older `major`."""
        self.directory = Path(os.path.abspath(directory))
        self.sole = False
        self._settling = False
        self._settings = dict(settings or {})
        self._shelter = shelter
        self._major = major
        self._reads_only = reads_only
        self._gate = gate_of(self.directory)
        self._users = users_of(self.directory)
        self._server: Postmaster | None = None
        self._started: Future[str] | None = None

    def launch(self, *, settling: bool = False) -> None:
        """Begin to start in a thread and return at once; errors come out of `start`.

        `settling`: if we turn out to be `sole`, others who want to join wait until `settled`. What
        the dead have left can then be told from what newcomers begin.
        """
        if self._started is None:
            self._settling = settling
            self._started = Future()
            self._started.set_running_or_notify_cancel()
            threading.Thread(
                target=self._run, args=(self._started,), name="postgres-start", daemon=True
            ).start()

    async def start(self) -> str:
        """Wait until the server accepts connections and return its DSN.

        First start about 0.6 s, later ones 0.1 s, crash recovery up to minutes. Raises
        Misconfigured with the server's own last word when it doesn't start.
        """
        import asyncio  # `launch` comes before the heavy imports

        self.launch()
        assert self._started is not None
        return await asyncio.wrap_future(self._started)

    def settled(self) -> None:
        """Let others in."""
        if self._settling:
            self._settling = False
            self._gate.release()

    async def stop(self) -> None:
        """Leave; stop the server if nobody else uses it. Also right if the start has failed."""
        import asyncio

        await asyncio.to_thread(self._leave)

    @contextmanager
    def used(self) -> Generator[str]:
        """`start` and `stop` round a body without an event loop; gives the DSN."""
        try:
            self.launch()
            assert self._started is not None
            yield self._started.result()
        finally:
            self._leave()

    async def watch(self) -> None:
        """Start the server again whenever it dies. Runs until cancelled."""
        import asyncio

        await self.start()
        pause = _LOOK_SECONDS
        while True:
            await asyncio.sleep(pause)
            server = self._server
            if server is None or server.alive():
                continue
            log.warning("the database server has died, starting it again")
            try:
                await asyncio.to_thread(self._revive)
            except Misconfigured as error:
                pause = min(pause * 2, 30.0)
                log.error("%s; next try in %.0f s", error, pause)
            else:
                pause = _LOOK_SECONDS
                log.warning("the database server is back")

    def _run(self, started: Future[str]) -> None:
        # The gate is left before anybody hears of the start: `stop` may follow at once.
        try:
            dsn = self._join()
        except BaseException as error:
            self._users.release()
            self._gate.release()
            started.set_exception(error)
        else:
            self._settling &= self.sole
            if not self._settling:
                self._gate.release()
            started.set_result(dsn)

    def _join(self) -> str:
        make_parents(self.directory)
        self._enter()
        self.sole = self._users.try_exclusive()
        if self.sole:
            finish_swap(self.directory)
        self._share()
        if not self._reads_only:
            refuse_moved(self.directory)
        place = settle(self.directory, self._shelter)
        found = programs(place.account, self._shelter, self._major)
        server = Postmaster(place, found, self._settings, self._major)
        folder = server.run(alone=self.sole)
        self._server = server
        return socket_dsn(folder)

    def _revive(self) -> None:
        self._enter()
        try:
            if self._server is not None:
                alone = self._users.try_exclusive()
                self._share()
                self._server.run(alone=alone)
        finally:
            self._gate.release()

    def _share(self) -> None:
        if not self._users.try_shared():
            raise Misconfigured(
                f"{self.directory} is being restored, moved or upgraded: wait until that has ended"
            )

    def _leave(self) -> None:
        if self._started is None:
            return
        self._started.exception()
        self._started = None
        self._settling = False
        server, self._server = self._server, None
        if server is None:
            return
        self._enter()
        try:
            if self._users.try_exclusive():
                server.stop()
            else:
                server.leave()
        finally:
            self._users.release()
            self._gate.release()

    def _enter(self) -> None:
        if not self._gate.exclusive(RECOVERY_SECONDS):
            raise Misconfigured(f"another process has held {self.directory}.lock for too long")


def gate_of(directory: Path) -> FileLock:
    """Held for the moment of starting or stopping."""
    return FileLock(directory.with_name(f"{directory.name}.lock"))


def users_of(directory: Path) -> FileLock:
    """Held shared by all who use the server, exclusively by who uses the data alone."""
    return FileLock(directory.with_name(f"{directory.name}.users"))


def socket_dsn(folder: Path) -> str:
    host = str(folder).replace("\\", "\\\\").replace("'", "\\'")
    return f"host='{host}' user=postgres dbname=postgres"
