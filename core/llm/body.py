"""A request's body as bytes. Pictures are turned into base64 piece by piece while they are sent,
so that neither the event loop nor the memory ever has to take a whole one."""

from __future__ import annotations

import secrets
from binascii import b2a_base64
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import orjson

from core.llm import Picture

# Divisible by three, so that the base64 of the pieces is the base64 of the whole.
_PIECE = 3 * 64 * 1024


class StreamedBody:
    """Can be sent more than once; `length` is in bytes."""

    def __init__(self, texts: list[bytes], pictures: list[Picture]) -> None:
        self._texts = texts
        self._pictures = pictures
        self.length = sum(map(len, texts)) + sum(
            len(_prefix(picture)) + 4 * -(-len(picture.data) // 3) for picture in pictures
        )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._texts[0]
        for picture, text in zip(self._pictures, self._texts[1:], strict=True):
            yield _prefix(picture)
            data = memoryview(picture.data)
            for start in range(0, len(data), _PIECE):
                yield b2a_base64(data[start : start + _PIECE], newline=False)
            yield text


def encoded(fields: Mapping[str, Any]) -> bytes | StreamedBody:
    """The fields as JSON, in which a `Picture` stands for its data URL."""
    pictures: list[Picture] = []
    # Nobody can guess it, so no text of a person can be taken for a picture.
    mark = secrets.token_hex(16)

    def known(value: object) -> object:
        if isinstance(value, Picture):
            pictures.append(value)
            return mark
        if isinstance(value, Mapping):
            return dict(cast("Mapping[str, object]", value))
        raise TypeError(type(value).__name__)

    body = orjson.dumps(dict(fields), known, orjson.OPT_PASSTHROUGH_DATACLASS)
    return StreamedBody(body.split(mark.encode()), pictures) if pictures else body


def _prefix(picture: Picture) -> bytes:
    return b"data:" + picture.mime.encode() + b";base64,"
