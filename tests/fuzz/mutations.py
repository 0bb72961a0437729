"""Ways to damage a file."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random

LONGEST = 2 * 2**20
_WINDOW = 2**16
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**40)
_NUMBERS = (b"0", b"-1", b"1", b"7", b"65536", b"999999999", b"4294967296", b"1e308", b"9" * 40)
_DIGITS = re.compile(rb"[0-9]+")
_SEAMS = re.compile(rb"[<>\n(){}\[\];,]")


def mutated(data: bytes, random: Random) -> bytes:
    """One to three damages, one after another; inside of a package where it is one."""
    for _ in range(random.choice((1, 1, 2, 3))):
        if data.startswith(b"PK\x03\x04") and random.random() < 0.75:
            data = _package(data, random)
        else:
            data = random.choice(_DAMAGES)(data, random)
        data = data[:LONGEST]
    return data


def _flips(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 16) if changed else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _noise(data: bytes, random: Random) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.randbytes(random.randint(1, 64)) + data[at + random.randint(0, 64) :]


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randint(0, len(data))]


def _splice(data: bytes, random: Random) -> bytes:
    """A piece of the file once more, somewhere else; now and then very often."""
    start = random.randint(0, len(data))
    piece = data[start : start + random.randint(1, 512)]
    at = random.randint(0, len(data))
    times = random.choice((1, 1, 1, 2, 50, 2000))
    return data[:at] + piece * times + data[at + random.choice((0, 0, len(piece))) :]


def _hole(data: bytes, random: Random) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + data[at + random.randint(1, 256) :]


def _field(data: bytes, random: Random) -> bytes:
    """A length, a count or an offset becomes absurd."""
    code, size = random.choice((("B", 1), ("<H", 2), (">H", 2), ("<I", 4), (">I", 4), ("<Q", 8)))
    if len(data) < size:
        return data
    at = random.randrange(len(data) - size + 1)
    value = random.choice(_EXTREMES) & (1 << 8 * size) - 1
    return data[:at] + struct.pack(code, value) + data[at + size :]


def _number(data: bytes, random: Random) -> bytes:
    """The same for numbers written in digits."""
    at = _window(data, random)
    found = list(_DIGITS.finditer(data, at, at + _WINDOW))
    if not found:
        return _field(data, random)
    chosen = random.choice(found)
    return data[: chosen.start()] + random.choice(_NUMBERS) + data[chosen.end() :]


def _rearrange(data: bytes, random: Random) -> bytes:
    """Whole pieces between brackets, lines or tags change places, vanish or multiply."""
    at = _window(data, random)
    seams = [match.start() for match in _SEAMS.finditer(data, at, at + _WINDOW)]
    if len(seams) < 4:
        return _splice(data, random)
    a, b, c = sorted(random.sample(seams, 3))
    first, second = data[a:b], data[b:c]
    middle = random.choice(
        (second + first, first, second, first + second * 2, first * random.choice((3, 300)))
    )
    return data[:a] + middle + data[c:]


def _window(data: bytes, random: Random) -> int:
    """Where to look, so that big files do not fill the memory that is measured."""
    return random.randint(0, max(0, len(data) - _WINDOW))


_DAMAGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flips, _noise, _cut, _splice, _hole, _field, _number, _number, _rearrange, _rearrange,
)  # fmt: skip


def _package(data: bytes, random: Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
    except Exception:
        return random.choice(_DAMAGES)(data, random)
    if not parts:
        return data
    name, other = random.choice(list(parts)), random.choice(list(parts))
    match random.randrange(10):
        case 0:
            del parts[name]
        case 1:
            parts[name], parts[other] = parts[other], parts[name]
        case 2:
            parts[name + random.choice(("", "x", "/../x", "\0"))] = parts.pop(name)
        case _:
            parts[name] = random.choice(_DAMAGES)(parts[name], random)[:LONGEST]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", random.choice((zipfile.ZIP_DEFLATED, 0))) as package:
        for part, content in parts.items():
            package.writestr(part, content)
    return buffer.getvalue()
