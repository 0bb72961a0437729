"""pg_dump and pg_restore of the embedded PostgreSQL, as pipes."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.errors import Misconfigured, Unavailable

_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
_LINES = 65536


@contextmanager
def dumping(programs: Path, dsn: str, snapshot: str) -> Generator[IO[bytes]]:
    """The dump of a database as of `snapshot`, in pg_dump's custom format, as it is made.

    Leaving before the end stops it. Raises Unavailable if pg_dump fails.
    """
    options = ["--format=custom", f"--snapshot={snapshot}", "--lock-wait-timeout=60s"]
    command = [str(programs / "pg_dump"), *options, f"--dbname={dsn}"]
    with _run(command, reads=False) as process:
        assert process.stdout is not None
        yield process.stdout


@contextmanager
def loading(programs: Path, dsn: str) -> Generator[IO[bytes]]:
    """Where the dump has to be written; closed on leaving, and everything is loaded then.

    Raises Unavailable if pg_restore fails: the database is good for nothing then.
    """
    options = ["--format=custom", "--exit-on-error", "--no-owner"]
    command = [str(programs / "pg_restore"), *options, f"--dbname={dsn}"]
    with _run(command, reads=True) as process:
        assert process.stdin is not None
        yield process.stdin


@contextmanager
def _run(command: list[str], *, reads: bool) -> Generator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if reads else subprocess.PIPE,
                stderr=told,
                env={name: os.environ[name] for name in _KEPT if name in os.environ}
                | {"LC_ALL": "C", "PGCLIENTENCODING": "UTF8"},
            )
        except OSError as error:
            raise Misconfigured(f"{command[0]} can't be run: {error.strerror}") from error
        try:
            yield process
            if process.stdin is not None:
                process.stdin.close()
            code = process.wait()
        except BrokenPipeError:
            code = process.wait()  # it has ended early, and says why
        finally:
            _end(process)
        if code != 0:
            told.seek(0)
            lines = told.read(_LINES).decode("utf-8", "replace").splitlines()
            raise Unavailable(next(iter(lines), f"{Path(command[0]).name} ended with {code}"))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except BrokenPipeError:
            pass
