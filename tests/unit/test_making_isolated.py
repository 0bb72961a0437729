"""Files made as they are made for people: each in a process of its own, under limits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.isolated.processes import IsolatedProcesses
from core.making import NotMade
from core.making.maker import DocumentMaker
from tests.unit.making_jobs import MOSCOW

CONTENT = '# 🎯 Путь\n\n- [ ] шаг\n\n| а | б |\n|--|--|\n| 1 | 2 |\n\n你 `#read("/etc/passwd")`'
ASKED: list[dict[str, Any]] = [
    {"format": "md", "content": CONTENT},
    {"format": "docx", "content": CONTENT},
    {"format": "pdf", "content": CONTENT.replace("你", "")},
    {"format": "xlsx", "tables": [{"name": "", "columns": ["а"], "rows": [["=1"], [10**30]]}]},
    {"format": "csv", "tables": [{"name": "", "columns": ["а"], "rows": [["=1"], [1.5]]}]},
    {"format": "ics", "events": [{"title": "x", "start": "2026-12-01T10:00", "repeat": "daily"}]},
    {"format": "png", "chart": {"kind": "pie", "labels": ["а"], "series": [{"values": [1]}]}},
]
BEGINS = {
    "md": "# 🎯 Путь".encode(),
    "docx": b"PK",
    "pdf": b"%PDF-",
    "xlsx": b"PK",
    "csv": b"\xef\xbb\xbf",
    "ics": b"BEGIN:VCALENDAR",
    "png": b"\x89PNG",
}


@pytest.fixture
async def maker() -> AsyncIterator[DocumentMaker]:
    isolated = IsolatedProcesses()
    yield DocumentMaker(isolated)
    await isolated.close()


async def made(maker: DocumentMaker, folder: Path, asked: dict[str, Any]) -> Path:
    words = json.dumps({"name": "Файл", **asked})
    return (await maker.make(words, folder, language="ru", zone=MOSCOW)).path


async def test_every_format_is_made_under_the_limits(maker: DocumentMaker, tmp_path: Path) -> None:
    for asked in ASKED:
        path = await made(maker, tmp_path, asked)
        assert path.read_bytes().startswith(BEGINS[asked["format"]]), asked["format"]
    assert len(list(tmp_path.iterdir())) == len(ASKED)


@pytest.mark.parametrize(
    "content",
    [
        "- пункт\n" * 4000,
        "[" * 50_000,
        "> " * 5_000 + "x",
        "ы" * 100_000,
        "a" + "\u0301" * 50_000,
        "🎯" * 20_000,
        "|а|б|\n|-|-|\n" + "|\n" * 8_000,
        "*а " * 30_000,
    ],
    ids=range(8),
)
async def test_content_that_hurts_is_still_made(
    maker: DocumentMaker, tmp_path: Path, content: str
) -> None:
    for kind in ("pdf", "docx"):
        path = await made(maker, tmp_path, {"format": kind, "content": content})
        assert path.read_bytes().startswith(BEGINS[kind])


async def test_refusals_come_through(maker: DocumentMaker, tmp_path: Path) -> None:
    with pytest.raises(NotMade, match="docx"):
        await made(maker, tmp_path, {"format": "pdf", "content": "\U00012000"})
    wide = "|" + "a|" * 13 + "\n|" + "-|" * 13
    with pytest.raises(NotMade, match="xlsx"):
        await made(maker, tmp_path, {"format": "docx", "content": wide})
    assert not list(tmp_path.iterdir())
