"""What the end of a job means."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from core.isolated import child
from core.isolated.wire import BODY_BYTES, Answer

_OF_JOBS = (Answer.RESULT, Answer.REFUSED, Answer.MEMORY, Answer.CRASH)
_NO_MEMORY = (b"memory allocation of", b"bad_alloc", b"out of memory", b"Out of memory")
"""Last words of native libraries that abort where Python would raise MemoryError."""
_STDERR_BYTES = 4096


def outcome(
    code: int, output: bytearray, folder: Path, killed: Answer | None
) -> tuple[Answer, bytes]:
    """`code` as of `os.waitstatus_to_exitcode`; `killed` is why the server has ended the job."""
    if code == 0 and output and output[0] in _OF_JOBS and len(output) <= BODY_BYTES + 1:
        return Answer(output[0]), bytes(output[1:])
    if killed is not None:
        return killed, b""
    if code in (child.OUT_OF_MEMORY, -signal.SIGKILL):  # SIGKILL: the kernel, short of memory
        return Answer.MEMORY, b""
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        return Answer.TIME, b""
    if code == -signal.SIGABRT and any(words in _last_words(folder) for words in _NO_MEMORY):
        return Answer.MEMORY, b""
    return Answer.CRASH, f"exit status {code}".encode()


def _last_words(folder: Path) -> bytes:
    try:
        with (folder / child.STDERR).open("rb") as said:
            said.seek(max(0, said.seek(0, os.SEEK_END) - _STDERR_BYTES))
            return said.read(_STDERR_BYTES)
    except OSError:
        return b""
