"""Reading in a process of its own: whatever a file does there, the bot goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, get_args

from core.isolated import Isolated, JobFailed, JobRefused, Limits
from core.reading import Document, JpegPicture, Unread, Unreadable
from core.reading.kinds import suffix

DOCUMENT_LIMITS = Limits(seconds=45.0, megabytes=512)
PICTURE_LIMITS = Limits(seconds=30.0, megabytes=1024)
_PATIENCE = 30.0
"""After so many seconds a long document is read no further and what was read is used."""


class IsolatedReader:
    """Implements `Reader`. The name of a file is worth its extension and goes no further."""

    def __init__(
        self, isolated: Isolated, scratch: Callable[[], AbstractAsyncContextManager[Path]]
    ) -> None:
        """`scratch` gives an empty folder to work in, as a `FileStore` does."""
        self._isolated = isolated
        self._scratch = scratch

    async def document(self, path: Path, name: str, mime: str | None) -> Document:
        result = await self._run(
            "core.reading.documents:read",
            {"path": str(path), "hint": suffix(name), "mime": mime or "", "seconds": _PATIENCE},
            DOCUMENT_LIMITS,
        )
        return Document(
            text=result["text"],
            format=result["format"],
            parts=result["parts"],
            whole=result["whole"],
        )

    async def picture(self, path: Path) -> JpegPicture:
        async with self._scratch() as folder:
            target = folder / "picture.jpg"
            result = await self._run(
                "core.reading.pictures:normalise",
                {"path": str(path), "target": str(target)},
                PICTURE_LIMITS,
            )
            data = await asyncio.to_thread(target.read_bytes)
        return JpegPicture(data=data, width=result["width"], height=result["height"])

    async def _run(self, job: str, arguments: dict[str, Any], limits: Limits) -> dict[str, Any]:
        try:
            return await self._isolated.run(job, arguments, limits)
        except JobRefused as refused:
            raise Unreadable(_reason(refused.reason)) from None
        except JobFailed as failed:
            raise Unreadable("broken" if failed.failure == "crash" else "heavy") from None


def _reason(name: str) -> Unread:
    for reason in get_args(Unread):
        if reason == name:
            return reason
    return "broken"
