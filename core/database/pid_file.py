"""Whether a server runs for a data folder, by its postmaster.pid and by asking it."""

from __future__ import annotations

import enum
import os
import socket
from pathlib import Path

from core.database.os_user import Account
from core.database.socket_folder import PORT


class State(enum.Enum):
    READY = enum.auto()
    BUSY = enum.auto()  # starting, recovering or shutting down
    ABSENT = enum.auto()


class PidFile:
    """postmaster.pid: pid, data, start time, port, socket folder, address, memory key, state.

    It outlives a killed server, so a number in it proves nothing by itself.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._path = data / "postmaster.pid"
        self._origin = data.parent / "server.origin"

    @property
    def pid(self) -> int | None:
        lines = self._lines()
        return int(lines[0]) if lines and lines[0].isdecimal() else None

    @property
    def socket_folder(self) -> Path:
        return Path(self._lines()[4])

    @property
    def server_pid(self) -> int | None:
        """The pid if it is that of this folder's live server."""
        pid = self.pid
        return pid if pid is not None and _is_server(pid, self._data) else None

    @property
    def stale_pid(self) -> int | None:
        """The pid if it is anything else: dead or somebody else's."""
        pid = self.pid
        return None if pid is None or _is_server(pid, self._data) else pid

    def says_ready(self) -> bool:
        lines = self._lines()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def of_elsewhere(self) -> bool:
        """Whether the server was started in another container: its pid means nothing here, and
        neither PostgreSQL nor we can tell whether it lives unless it answers."""
        try:
            return self._path.exists() and self._origin.read_text("utf-8", "replace") != _here()
        except OSError:
            return False  # nobody wrote down where

    def started_here(self, account: Account | None) -> None:
        """To be told before the server starts. `account` is the server's, where it is not ours."""
        self._origin.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(self._origin, flags, 0o600), "w") as origin:
            origin.write(_here())
            if account is not None:
                os.fchown(origin.fileno(), account.uid, account.gid)

    def state(self) -> State:
        if self.says_ready():
            return _ask(self.socket_folder / f".s.PGSQL.{PORT}")
        return State.ABSENT if self.server_pid is None else State.BUSY

    def drop_unreadable(self) -> None:
        """Remove what a power cut left of it: PostgreSQL would refuse to start for ever.

        Only for whoever may start the server: nobody else is writing the file then.
        """
        if self.pid is None:
            self._path.unlink(missing_ok=True)

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text("utf-8", "replace").splitlines()
        except OSError:
            return []


def _here() -> str:
    """The same for all who see the same processes."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def runs(pid: int) -> bool:
    """False for a zombie, which nobody may ever reap where a killed parent left it."""
    import psutil  # needed only when somebody's pid has to be judged

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_server(pid: int, data: Path) -> bool:
    import psutil

    try:
        if not runs(pid):
            return False
        process = psutil.Process(pid)
        command = process.cmdline()
        return (
            bool(command)
            and os.path.basename(command[0]) == "postgres"
            and os.path.samefile(process.cwd(), data)
        )
    except (psutil.Error, OSError):
        return False


def _ask(path: Path) -> State:
    """What the server says to a new client, up to the first answer."""
    body = (196608).to_bytes(4, "big") + b"user\0postgres\0database\0postgres\0\0"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
        asked.settimeout(5.0)
        try:
            asked.connect(str(path))
            asked.sendall((len(body) + 4).to_bytes(4, "big") + body)
            answer = asked.recv(512)
            if answer[:1] == b"R":
                asked.sendall(b"X\0\0\0\4")
        except TimeoutError:
            return State.BUSY
        except OSError:
            return State.ABSENT
    starting = answer[:1] == b"E" and b"C57P03\0" in answer
    return State.BUSY if starting or not answer else State.READY
