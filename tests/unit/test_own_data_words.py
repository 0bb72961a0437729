"""What the files of an archive are called, whatever they were called before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.own_data.words import ArchiveWords
from bot.texts import Texts
from core import ExportJob

JOB = ExportJob(
    id="1",
    lease="l",
    attempt=1,
    chat_id=1,
    thread_id=None,
    message_id=None,
    place=None,
    volumes=0,
    created_at=datetime(2026, 11, 20, tzinfo=UTC),
    language="en",
    timezone=None,
    messages=1,
    files=1,
    bytes=1,
)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("notes.txt", "2026-11-20 notes 01234567.txt"),
        ("../../etc/x.conf", "2026-11-20 etc x 01234567.conf"),
        ("CON", "2026-11-20 CON 01234567.pdf"),
        ("x." + "😀" * 119, "2026-11-20 x 01234567.pdf"),
        ("x." + "e" * 118, "2026-11-20 x 01234567.pdf"),
        ("😀" * 200 + ".png", "2026-11-20 " + "😀" * 50 + " 01234567.png"),
        ("ы" * 200 + ".docx", "2026-11-20 " + "ы" * 60 + " 01234567.docx"),
    ],
)
def test_every_name_fits_every_disk(name: str, called: str) -> None:
    row = {
        "id": "0123456789",
        "mime": "application/pdf",
        "created_at": "2026-11-20T12:00:00+00:00",
        "meta": {"name": name, "kind": "document"},
    }
    written = ArchiveWords(JOB, Texts().words("en")).file(row)
    assert written == called
    assert len(written.encode()) <= 255
