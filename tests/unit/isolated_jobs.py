"""Jobs that behave as files from outside make readers behave."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from core.isolated import JobRefused

Arguments = dict[str, Any]


def echo(arguments: Arguments) -> Arguments:
    return {"said": arguments}


def whereabouts(arguments: Arguments) -> Arguments:
    return {
        "pid": os.getpid(),
        "server": os.getppid(),
        "environment": dict(os.environ),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "folder": os.getcwd(),
        "temporary": tempfile.gettempdir(),
        "threads": threading.active_count(),
    }


def refuse(arguments: Arguments) -> Arguments:
    raise JobRefused("locked")


def fail(arguments: Arguments) -> Arguments:
    raise ValueError("words of the person")


def abort(arguments: Arguments) -> Arguments:
    os.abort()


def abort_without_memory(arguments: Arguments) -> Arguments:
    os.write(2, b"memory allocation of 34359738368 bytes failed\n")
    os.abort()


def segfault(arguments: Arguments) -> Arguments:
    ctypes.string_at(0)
    return {}


def leave(arguments: Arguments) -> Arguments:
    sys.exit(0)


def loop(arguments: Arguments) -> Arguments:
    if "note" in arguments:
        Path(arguments["note"]).write_text(f"{os.getpid()} {os.getppid()}")
    while True:
        pass


def breed(arguments: Arguments) -> Arguments:
    other = subprocess.Popen(["sleep", "600"])
    Path(arguments["note"]).write_text(str(other.pid))
    return {}


def eat(arguments: Arguments) -> Arguments:
    held: list[bytearray] = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def get_killed(arguments: Arguments) -> Arguments:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def answer(arguments: Arguments) -> Arguments:
    return {"text": "ы" * arguments["characters"]}


def answer_oddly(arguments: Arguments) -> Any:
    return {"list": [1], "nan": float("nan"), "set": {1}}[arguments["odd"]]


def forge(arguments: Arguments) -> Arguments:
    """What a reader that was broken into could write in place of a result."""
    os.write(3, bytes(arguments["bytes"]))
    os._exit(0)


def flood(arguments: Arguments) -> Arguments:
    while True:
        os.write(3, bytes(65536))


def write(arguments: Arguments) -> Arguments:
    with open("big", "wb") as opened:
        for _ in range(arguments["megabytes"]):
            opened.write(bytes(1024 * 1024))
    return {}


def open_many(arguments: Arguments) -> Arguments:
    held = [os.dup(0) for _ in range(1000)]
    return {"held": len(held)}


def kill_server(arguments: Arguments) -> Arguments:
    """The first time only, when there is a `note` to tell by."""
    note = Path(arguments["note"]) if "note" in arguments else None
    if note is None or not note.exists():
        if note is not None:
            note.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    return {"survived": True}


def connect(arguments: Arguments) -> Arguments:
    with socket.create_connection(("127.0.0.1", arguments["port"]), timeout=5):
        return {"connected": True}


def spy(arguments: Arguments) -> Arguments:
    return {"seen": Path(f"/proc/{arguments['pid']}/environ").read_bytes().hex()}


def hidden(arguments: Arguments) -> Arguments:
    return {}


JOBS = (
    echo,
    whereabouts,
    refuse,
    fail,
    abort,
    abort_without_memory,
    segfault,
    leave,
    loop,
    breed,
    eat,
    get_killed,
    answer,
    answer_oddly,
    forge,
    flood,
    write,
    open_many,
    kill_server,
    connect,
    spy,
)
