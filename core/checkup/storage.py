"""The file store and the disk under it."""

from __future__ import annotations

import secrets
import shutil
import uuid
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

from core.checkup import Verdict, failed, fine, warning
from core.errors import CoreError, FileMissing
from core.files import FileStore
from core.files.disk import on_disk

_MEGABYTE = 1024 * 1024
_SCARCE = 1024 * _MEGABYTE
_NOTHING = 100 * _MEGABYTE


async def check_files(store: FileStore, place: str, advice: str) -> Verdict:
    """Write a small file, read it back, delete it. `place` and `advice` are words for people."""
    content = secrets.token_bytes(64)
    path: str | None = None
    try:
        path = (await store.put(str(uuid.uuid4()), _stream(content), limit=1024)).path
        kept = b"".join([chunk async for chunk in store.read(path)])
        await store.delete([path])
        if kept != content:
            return failed(f"{place} gave back another file than was put there", advice)
        return await _gone(store, path, place, advice)
    except CoreError as error:
        return refused(error, place, advice)
    finally:
        if path is not None:
            with suppress(CoreError):
                await store.delete([path])


def refused(error: CoreError, place: str, advice: str) -> Verdict:
    if isinstance(error, FileMissing):
        return failed(f"{place} is not there, or loses what is put into it", advice)
    words = str(error)
    return failed(words if place in words else f"{place}: {words}", advice)


async def _gone(store: FileStore, path: str, place: str, advice: str) -> Verdict:
    with suppress(FileMissing):
        async for _ in store.read(path):
            pass
        return failed(f"{place} keeps a file that was deleted", advice)
    return fine(f"a file was written, read and deleted in {place}")


async def check_disk(folder: Path, scarce: int = _SCARCE, nothing: int = _NOTHING) -> Verdict:
    """`scarce` and `nothing` are bytes below which it is a warning and a failure."""
    space = await on_disk(shutil.disk_usage, folder)
    found = f"{_size(space.free)} of {_size(space.total)} are free under {folder}"
    advice = "Free some space there, or move DATA_DIR to a larger disk."
    if space.free < nothing:
        return failed(found, advice)
    return warning(found, advice) if space.free < scarce else fine(found)


async def _stream(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content


def _size(count: int) -> str:
    if count < _SCARCE:
        return f"{count / _MEGABYTE:.0f} MB"
    gigabytes = count / _SCARCE
    return f"{gigabytes:.0f} GB" if gigabytes >= 10 else f"{gigabytes:.1f} GB"
