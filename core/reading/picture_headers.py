"""What the first bytes of a picture tell before any decoder sees it."""

from __future__ import annotations

import re

# A box that describes an item: its version, flags and numbers, then its kind and name.
_ITEM = re.compile(rb"infe(?:\x02.{7}|\x03.{9})", re.DOTALL)
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_BRANDS = (
    b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
)  # fmt: skip


def is_picture(head: bytes) -> bool:
    """Whether it claims to be of a kind that is decoded here; 16 bytes are enough."""
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    if head[4:8] == b"ftyp":
        return head[8:12] in _BRANDS
    return head.startswith(_MAGIC)


def webp_pixels(head: bytes) -> int:
    """Size of a WebP's canvas, 0 for anything else; 30 bytes are enough. Its decoder gets all the
    memory while the file is opened, before the size can be asked."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return 0
    match head[12:16]:
        case b"VP8X":
            return (_little(head[24:27]) + 1) * (_little(head[27:30]) + 1)
        case b"VP8L":
            bits = _little(head[21:25])
            return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            return (_little(head[26:28]) & 0x3FFF) * (_little(head[28:30]) & 0x3FFF)
        case _:
            return 0


def heif_is_sound(head: bytes) -> bool:
    """Whether the kinds and names of items are text: the decoder dies of one that is not. True for
    anything that is no HEIF."""
    if head[4:8] != b"ftyp":
        return True
    for found in _ITEM.finditer(head):
        start = found.start() - 4
        end = start + int.from_bytes(head[start : start + 4], "big")
        try:
            head[found.end() : max(end, found.end() + 4)].decode()
        except UnicodeDecodeError:
            return False
    return True


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
