"""What Supabase Storage means when it refuses."""

from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from core.errors import CoreError, FileMissing, Misconfigured, TooLarge, Unavailable

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

_BODY_BYTES = 4096
_NO_WORD = re.compile(r"[^\w ]")
_FORBIDDEN = (401, 403)
_BUSY = (408, 409, 423, 429)


class BucketMissing(CoreError):
    """The bucket is not there (yet)."""


class AlreadyThere(CoreError):
    """Somebody else has made it meanwhile."""


async def refusal(response: httpx.Response) -> CoreError:
    """The error to raise. Most come with the status 400, and their true one in the body."""
    data = b""
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > _BODY_BYTES:
            break
    told: dict[str, Any] = {}
    status = response.status_code
    with suppress(ValueError, TypeError, RecursionError):
        parsed: object = json.loads(data)
        if isinstance(parsed, dict):
            told = cast("dict[str, Any]", parsed)
            status = int(told.get("statusCode", status))
    error = str(told.get("error", ""))
    name = _NO_WORD.sub("", str(told.get("code") or error))[:40]
    log.debug("Supabase Storage: %d %s", status, name)
    return _named(name, error) or _numbered(status, f"{status} {name}".rstrip())


def _named(name: str, error: str) -> CoreError | None:
    if name == "NoSuchBucket" or error == "Bucket not found":
        return BucketMissing(name)
    if error == "Duplicate":
        return AlreadyThere(name)
    if name == "InvalidJWT":
        return _forbidden(name)
    return None


def _numbered(status: int, said: str) -> CoreError:
    if status == 404:
        return FileMissing()
    if status == 413:
        return TooLarge("more than Supabase Storage takes")
    if status in _FORBIDDEN:
        return _forbidden(said)
    if status >= 500 or status in _BUSY:
        return Unavailable(f"Supabase Storage: {said}")
    return Misconfigured(f"Supabase Storage refuses: {said}")


def _forbidden(said: str) -> Misconfigured:
    return Misconfigured(f"SUPABASE_SECRET_KEY may not use Supabase Storage ({said})")
