"""Frames between the program and its job server, and from a job to the server."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

HEADER = struct.Struct("!IBI")
"""Number of the job, kind of the frame, bytes that follow."""

BODY_BYTES = 4 * 1024 * 1024
"""The most that arguments or a result may take, as JSON."""


class Ask(IntEnum):
    RUN = 0
    KILL = 1


class Answer(IntEnum):
    RESULT = 0
    REFUSED = 1
    MEMORY = 2
    TIME = 3
    CRASH = 4
    UNKNOWN = 5
    """No such job, or one that nobody allowed."""


def frame(job: int, kind: Ask | Answer, body: bytes = b"") -> bytes:
    return HEADER.pack(job, kind, len(body)) + body


class Frames:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            job, kind, length = HEADER.unpack_from(self._buffer)
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield job, kind, body
