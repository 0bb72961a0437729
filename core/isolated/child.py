"""A job from its fork to its end, inside the forked process."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from core.isolated import JobRefused, Limits
from core.isolated.allowed import Job
from core.isolated.confinement import die_with, give_up_rights, limit
from core.isolated.wire import BODY_BYTES, Answer

OUT_OF_MEMORY = 64
"""Exit status: telling it in words would take memory."""
STDERR = "stderr"
"""File in the folder of the job."""
_OUTPUT = 3
_DETAIL = 300


def run(
    job: Job, arguments: dict[str, Any], limits: Limits, folder: Path, output: int, server: int
) -> NoReturn:
    """Write one byte of `Answer` and the body to `output`, then exit with 0."""
    status = 1
    try:
        die_with(server)
        _settle(folder, output)
        limit(limits)
        give_up_rights()
        kind, body = _answer(job, arguments)
        _write(bytes([kind]) + body)
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    finally:
        os._exit(status)


def _settle(folder: Path, output: int) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    os.dup2(os.open(folder / STDERR, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    os.dup2(output, _OUTPUT)
    os.closerange(_OUTPUT + 1, 1024)
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def _answer(job: Job, arguments: dict[str, Any]) -> tuple[Answer, bytes]:
    try:
        body = json.dumps(job(arguments), allow_nan=False).encode()
    except MemoryError:
        raise
    except JobRefused as refused:
        return Answer.REFUSED, refused.reason.encode("ascii", "replace")
    except Exception as error:
        return Answer.CRASH, _place(error)
    return (Answer.RESULT, body) if len(body) <= BODY_BYTES else (Answer.MEMORY, b"")


def _place(error: Exception) -> bytes:
    """Where it broke, without the words of the error: they may repeat what the file says."""
    step: TracebackType | None = error.__traceback__
    place = ""
    while step is not None:
        place = f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}"
        step = step.tb_next
    return f"{type(error).__name__} at {place}".encode("ascii", "replace")[-_DETAIL:]


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(_OUTPUT, rest) :]
