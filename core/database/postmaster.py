"""One PostgreSQL server in one private folder: made, spawned, found, stopped. Blocking code.

`postgres` is spawned directly and not by pg_ctl: it can then be told to ignore a stale pid, there
is no limit on crash recovery, and Ctrl-C in our terminal does not reach it.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from core.database.binaries import MAJOR, MAJORS
from core.database.os_user import Place
from core.database.pid_file import PidFile, State, runs
from core.database.socket_folder import PORT, socket_folder
from core.errors import Misconfigured

log = logging.getLogger(__name__)

RECOVERY_SECONDS = 600.0
STOP_SECONDS = 60.0
_LEFT_BEHIND_SECONDS = 60.0
_UNSEEN_SECONDS = 10.0
"""Short, as nobody else can start the server meanwhile."""
_LOG_BYTES = 5_000_000

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Durability is not for sale, whatever postgresql.conf says.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # A small footprint: one bot, not a server farm.
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_worker_processes": "2",
    "max_logical_replication_workers": "0",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "jit": "off",
    "huge_pages": "off",
    "client_connection_check_interval": "10s",
    # Errors carry values from the rows; they are reported to the caller and not written down.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
_SINCE_18 = {"io_method": "sync"}


class Postmaster:
    def __init__(
        self, place: Place, programs: Path, settings: Mapping[str, str], major: str = MAJOR
    ) -> None:
        """`major` is the version of `programs`."""
        self.directory = place.directory
        self.data = place.directory / "data"
        self._pid_file = PidFile(self.data)
        self._account = place.account
        self._programs = programs
        self._major = major
        newer = _SINCE_18 if int(major) >= 18 else {}
        self._settings = {**_SETTINGS, **newer, **settings}
        self._log = place.directory / "server.log"
        self._child: subprocess.Popen[bytes] | None = None

    def run(self, *, alone: bool = True) -> Path:
        """Make the server accept connections, if it does not yet; return its socket's folder.

        Unless `alone`, others use it too, and where they started it in another container it is
        never started a second time: two servers on the same data would destroy them.
        """
        if not (self.data / "PG_VERSION").exists():
            self._create()
        version = major_of(self.directory)
        if version != self._major:
            raise Misconfigured(
                f"{self.data} was made by PostgreSQL {version}, here is {self._major}:"
                f" {_way_out(version)}"
            )
        if self._child is not None and self._child.poll() is not None:
            self._child = None  # died long after its start, which says nothing about the next one
        started = time.monotonic()
        spawned_at = self._log_size()
        while time.monotonic() - started < RECOVERY_SECONDS:
            state = self.state()
            if state is State.READY:
                return self._pid_file.socket_folder
            if state is State.BUSY:
                time.sleep(0.005)
                continue
            if not alone and self._pid_file.of_elsewhere():
                if time.monotonic() - started > _UNSEEN_SECONDS:
                    raise Misconfigured(
                        f"{self.data} belongs to a server of another container, which does not"
                        " answer: containers can't share the embedded database, use"
                        " `docker compose exec`, or set DATABASE_URL"
                    )
                time.sleep(0.1)
                continue
            if self._child is not None and self._child.poll() is not None:
                reason = self._reason(spawned_at)
                waited = time.monotonic() - started
                if not _left_behind(reason) or waited > _LEFT_BEHIND_SECONDS:
                    self._child = None
                    raise Misconfigured(f"PostgreSQL does not start: {reason} ({self._log})")
                time.sleep(0.1)
            spawned_at = self._log_size()
            self._spawn()
        raise Misconfigured(f"PostgreSQL is not ready after {RECOVERY_SECONDS:.0f} s ({self._log})")

    def state(self) -> State:
        if self._child is None or self._child.poll() is not None:
            return self._pid_file.state()
        ready = self._pid_file.pid == self._child.pid and self._pid_file.says_ready()
        return State.READY if ready else State.BUSY

    def alive(self) -> bool:
        """A cheap look, for a supervisor that looks often."""
        if self._child is not None:
            return self._child.poll() is None
        if self._pid_file.of_elsewhere():
            return self.state() is not State.ABSENT
        return self._running_pid() is not None

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, everything committed is on disk."""
        pid = self._running_pid()
        if pid is None:
            return
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                break
            if self._gone(pid, seconds):
                break
            log.warning("PostgreSQL %d did not stop within %.0f s", pid, seconds)
        self._child = None

    def leave(self) -> None:
        """Let the server live on without us."""
        if self._child is not None:
            _left_running.append(self._child)
            self._child = None

    def _gone(self, pid: int, seconds: float) -> bool:
        """Wait for the process itself: its pid file goes a moment earlier."""
        deadline = time.monotonic() + seconds
        while self._child.poll() is None if self._child else runs(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def _create(self) -> None:
        for left in self.directory.glob("data.new*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self.directory / f"data.new.{secrets.token_hex(4)}"
        options = ["-U", "postgres", "-E", "UTF8", "--auth-local=trust", "--auth-host=reject"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        try:
            done = subprocess.run(
                [str(self._programs / "initdb"), "-D", str(fresh), "--no-instructions", *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=300,
                check=False,
                cwd="/",
                env=_environment(),
                umask=0o077,
                user=self._account.uid if self._account else None,
                group=self._account.gid if self._account else None,
                extra_groups=[] if self._account else None,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise Misconfigured(f"initdb can't run: {error}") from error
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            told = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line]
            raise Misconfigured(f"initdb failed: {told[0] if told else done.returncode}")
        fresh.rename(self.data)  # whoever sees `data` sees a whole one
        opened = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def _spawn(self) -> None:
        settings = {
            **self._settings,
            "unix_socket_directories": str(socket_folder(self.directory, self._account)),
            "port": str(PORT),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._pid_file.drop_unreadable()
        env = _environment()
        stale = self._pid_file.stale_pid
        if stale is not None:
            # A live process has the pid of a dead server (containers count pids from 1 again);
            # PostgreSQL takes a pid named here for its own ancestor and starts.
            env["PG_GRANDPARENT_PID"] = str(stale)
        with open(self._open_log(), "ab") as output:
            try:
                self._pid_file.started_here(self._account)
                self._child = subprocess.Popen(
                    [str(self._programs / "postgres"), "-D", str(self.data), *options],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    cwd="/",
                    env=env,
                    umask=0o077,
                    user=self._account.uid if self._account else None,
                    group=self._account.gid if self._account else None,
                    extra_groups=[] if self._account else None,
                )
            except OSError as error:
                raise Misconfigured(f"PostgreSQL can't be run: {error}") from error

    def _open_log(self) -> int:
        if self._log_size() > _LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        opened = os.open(self._log, flags, 0o600)
        if self._account is not None:
            os.fchown(opened, self._account.uid, self._account.gid)
        return opened

    def _log_size(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _reason(self, since: int) -> str:
        try:
            with self._log.open("rb") as opened:
                opened.seek(since if since <= self._log_size() else 0)
                lines = opened.read(100_000).decode("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return (fatal or lines or ["no word in the log"])[-1].strip()

    def _running_pid(self) -> int | None:
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        return self._pid_file.server_pid


def major_of(directory: Path) -> str | None:
    """The version of PostgreSQL that made the data in a server's folder, None without data."""
    try:
        return (directory / "data" / "PG_VERSION").read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _way_out(version: str | None) -> str:
    if version in MAJORS:
        return "run `python -m bot upgrade` (the old folder is kept)"
    return "use the version of the bot that made it; docs/backup.md says how to bring it here"


_left_running: list[subprocess.Popen[bytes]] = []  # a dropped Popen would complain of its child


def _environment() -> dict[str, str]:
    """Without our own, which holds secrets that a database server has no use for."""
    keep = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in keep if name in os.environ} | {"LC_ALL": "C"}


def _left_behind(reason: str) -> bool:
    """Children of a killed server need a moment to go; until then its memory stands."""
    return "shared memory block" in reason or "lock file" in reason
