"""The process that jobs are forked from. One thread, so that forking is safe.

It imports the module of a job before it forks: what a module imports at its top is loaded once
for all its jobs, so modules of jobs import their libraries there and nobody else imports them.
It ends when its parent does, or after a while without work.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import selectors
import shutil
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.isolated import Limits, child
from core.isolated.allowed import Job, UnknownJob, find
from core.isolated.confinement import leave_network
from core.isolated.outcome import outcome
from core.isolated.wire import BODY_BYTES, Answer, Ask, Frames, frame

log = logging.getLogger(__name__)

_DESCRIPTORS = 256
_DEATH_SECONDS = 1.0
_CHUNK = 256 * 1024


@dataclass(slots=True)
class _Running:
    number: int
    pid: int
    pipe: int
    folder: Path
    deadline: float
    killed: Answer | None = None
    output: bytearray = field(default_factory=bytearray)


class _Server:
    def __init__(
        self, parent: socket.socket, folder: Path, packages: Sequence[str], idle_seconds: float
    ) -> None:
        self._parent = parent
        self._folder = folder
        self._packages = packages
        self._idle_seconds = idle_seconds
        self._frames = Frames()
        self._jobs: dict[str, Job] = {}
        self._running: dict[int, _Running] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(parent, selectors.EVENT_READ)
        self._woken, waking = socket.socketpair()
        for end in (self._woken, waking):
            end.setblocking(False)
        self._waking = waking
        self._selector.register(self._woken, selectors.EVENT_READ)
        signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake)

    def serve(self) -> None:
        try:
            while True:
                events = self._selector.select(self._patience())
                if not events and not self._running:
                    return
                for key, _ in events:
                    if key.fileobj is self._parent:
                        if not self._listen():
                            raise ConnectionResetError
                    elif key.fileobj is self._woken:
                        self._woken.recv(_CHUNK)
                    elif key.data in self._running:
                        self._collect(self._running[key.data])
                self._end_offenders()
                self._reap()
        except (BrokenPipeError, ConnectionResetError):
            self._clean_up()  # the parent is gone

    def _clean_up(self) -> None:
        for running in self._running.values():
            _kill(running.pid)
            os.waitpid(running.pid, 0)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _patience(self) -> float:
        if not self._running:
            return self._idle_seconds
        nearest = min(running.deadline for running in self._running.values())
        return max(0.0, nearest - time.monotonic())

    def _listen(self) -> bool:
        data = self._parent.recv(_CHUNK)
        for number, kind, body in self._frames.feed(data):
            if kind == Ask.RUN:
                self._run(number, json.loads(body))
            elif number in self._running:
                self._end(self._running[number], Answer.CRASH)
        return bool(data)

    def _run(self, number: int, request: dict[str, Any]) -> None:
        name = request["job"]
        if name not in self._jobs:
            try:
                self._jobs[name] = find(name, self._packages)
            except UnknownJob:
                self._answer(number, Answer.UNKNOWN)
                return
            except Exception as error:
                log.exception("%s can't be imported", name)
                self._answer(number, Answer.CRASH, type(error).__name__.encode())
                return
            self._settle_memory(name)
        limits = Limits(seconds=request["seconds"], megabytes=request["megabytes"])
        self._fork(number, self._jobs[name], request["arguments"], limits)

    def _settle_memory(self, name: str) -> None:
        if _threads() > 1:
            log.warning("%s starts threads when imported: forks of it may hang", name)
        # Objects that no collection touches stay shared with the forks.
        gc.collect()
        gc.freeze()

    def _fork(self, number: int, job: Job, arguments: dict[str, Any], limits: Limits) -> None:
        folder = self._folder / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        reading, writing = os.pipe()
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            child.run(job, arguments, limits, folder, writing, server)
        with suppress(OSError):  # the child does it as well: whoever is first
            os.setpgid(pid, pid)
        os.close(writing)
        os.set_blocking(reading, False)
        self._running[number] = _Running(
            number, pid, reading, folder, time.monotonic() + limits.seconds
        )
        self._selector.register(reading, selectors.EVENT_READ, number)

    def _collect(self, running: _Running) -> None:
        """Take what the job has written; forget its pipe at the end."""
        while True:
            try:
                data = os.read(running.pipe, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._selector.unregister(running.pipe)
                os.close(running.pipe)
                running.pipe = -1
                return
            running.output += data
            if len(running.output) > BODY_BYTES + 1:
                return

    def _end_offenders(self) -> None:
        now = time.monotonic()
        for running in self._running.values():
            if len(running.output) > BODY_BYTES + 1:
                self._end(running, Answer.MEMORY)
            elif now >= running.deadline:
                self._end(running, Answer.TIME)

    def _end(self, running: _Running, answer: Answer) -> None:
        running.killed = running.killed or answer
        running.deadline = time.monotonic() + _DEATH_SECONDS
        _kill(running.pid)

    def _reap(self) -> None:
        for running in list(self._running.values()):
            pid, status = os.waitpid(running.pid, os.WNOHANG)
            if not pid:
                continue
            _kill(running.pid)  # what it may have started itself
            if running.pipe >= 0:
                self._collect(running)
            if running.pipe >= 0:
                self._selector.unregister(running.pipe)
                os.close(running.pipe)
            del self._running[running.number]
            code = os.waitstatus_to_exitcode(status)
            kind, body = outcome(code, running.output, running.folder, running.killed)
            shutil.rmtree(running.folder, ignore_errors=True)
            self._answer(running.number, kind, body)

    def _answer(self, number: int, kind: Answer, body: bytes = b"") -> None:
        self._parent.sendall(frame(number, kind, body))


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _wake(number: int, frame: object) -> None:
    """Only a signal that has a handler writes to the wake-up descriptor."""


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def main(arguments: Sequence[str]) -> None:
    """Descriptor of the socket to the parent, folder to work in, seconds to wait without work,
    and prefixes of the modules whose jobs may run."""
    descriptor, folder, idle_seconds, *packages = arguments
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, hard))
    if not leave_network():
        sys.stderr.write("core.isolated: this system lets files be read with the network open\n")
    with socket.socket(fileno=int(descriptor)) as parent:
        _Server(parent, Path(folder), packages, float(idle_seconds)).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
