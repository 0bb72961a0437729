"""What the operating system takes away from a process. Everything here is best effort on
systems that lack it; time and memory limits of Linux are the ones that the product counts on."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

from core.isolated import Limits

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITIES_VERSION_3 = 0x20080522
_FILE_RIGHTS = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: root may run us from a folder of somebody else."""

_FILES = 64
_FILE_BYTES = 64 * 1024 * 1024


def leave_network() -> bool:
    """Linux: from here on this process and its children have no network, and none of the rights
    by which one process of a user looks into another. Only while there is one thread.

    False where that is not permitted, as it may be in a container, or not known.
    """
    if sys.platform == "linux":
        # Root would lose its right to read what belongs to others, perhaps the program itself.
        spaces = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET
        return ctypes.CDLL(None).unshare(spaces) == 0
    return False


def die_with(parent: int) -> None:
    """Linux: get killed when `parent`, the process that has just forked us, is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def give_up_rights() -> None:
    """Linux: as root, keep no right but to files; no program run from here on gets any."""
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
        rights = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice 32 of them
        if system.capget(header, rights) == 0:
            rights[:] = [rights[0] & _FILE_RIGHTS, rights[1] & _FILE_RIGHTS, 0, 0, 0, 0]
            system.capset(header, rights)


def limit(limits: Limits) -> None:
    """From here on this process has no more than `limits`, and little of everything else."""
    seconds = math.ceil(limits.seconds)
    # The server watches the clock; these two are for a job whose server is gone.
    signal.alarm(seconds + 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 2, seconds + 4))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
        space = pages * resource.getpagesize() + limits.megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
        with suppress(OSError):  # short of memory, the kernel ends a job first
            Path("/proc/self/oom_score_adj").write_bytes(b"1000")
