"""What to do with a file before it is fetched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading.kinds import suffix, treatment


@pytest.mark.parametrize(
    ("kind", "mime", "name", "expected"),
    [
        ("voice", "audio/ogg", None, "hear"),
        ("audio", None, None, "hear"),
        ("video_note", "video/mp4", None, "hear"),
        ("photo", "image/jpeg", None, "look"),
        ("video", "video/mp4", "a.mp3", "read"),
        ("animation", "video/mp4", "a.gif", "read"),
        ("document", "audio/x-wav", "a", "hear"),
        ("document", "application/octet-stream", "Запись.M4A", "hear"),
        ("document", None, "a.b.ogg", "hear"),
        ("document", "image/heic", "IMG_1", "look"),
        ("document", "IMAGE/JPEG; x=1", None, "look"),
        ("document", "application/octet-stream", "IMG_1.HEIC", "look"),
        ("document", "image/svg+xml", "a.svg", "read"),
        ("document", "image/vnd.adobe.photoshop", "a.psd", "read"),
        ("document", "text/plain", "a.png", "read"),
        ("document", "application/pdf", "a.pdf", "read"),
        ("document", "video/mp4", "a.mp4", "read"),
        ("document", None, None, "read"),
        ("document", "", "png", "read"),
    ],
)
def test_treatment(kind: str, mime: str | None, name: str | None, expected: str) -> None:
    assert treatment(kind, mime, name) == expected


@given(st.none() | st.text())
def test_a_suffix_is_short_and_plain(name: str | None) -> None:
    found = suffix(name)
    assert found == "" or (found.isascii() and found.isalnum() and len(found) <= 12)
