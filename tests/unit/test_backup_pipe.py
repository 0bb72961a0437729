"""A backup into what can't take it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

from tests.processes import ROOT, clean_environment

FULL = """
from bot.cli.backup import _standard_output

try:
    with _standard_output() as out:
        out.write(b"what is in the buffer when the disk is full")
        raise OSError(28, "No space left on device")
except OSError as error:
    raise SystemExit(error.errno if error.__context__ is None else "more than one error")
"""


def test_nothing_is_flushed_after_a_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)  # whatever is written still, fails
    try:
        ended = subprocess.run(
            [sys.executable, "-c", FULL], cwd=ROOT, env=clean_environment(),
            stdout=writing, stderr=subprocess.PIPE, text=True, timeout=100, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (errno.ENOSPC, "")
