"""Supabase Storage over HTTP: streams both ways, which the project's own library can't."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from core.errors import Misconfigured, Unavailable
from core.files.storage_refusals import refusal

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 30.0
_CONNECTIONS = 16
_PAGE = 1000
_LEAST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Item:
    """`name` is the whole path. `updated_at` is None for a folder."""

    name: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor` asks for the next page; None on the last one."""

    items: Sequence[Item]
    cursor: str | None


class StorageApi:
    """One bucket. Nothing is repeated here, but everything may be. Besides what core.files names,
    calls raise `BucketMissing`."""

    def __init__(
        self,
        url: str,
        key: str,
        bucket: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = f"{url.rstrip('/')}/storage/v1"
        self._key = key
        self._bucket = bucket
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    def open(self) -> None:
        import httpx

        headers = {"apikey": self._key, "Accept-Encoding": "identity"}
        if not self._key.startswith("sb_"):
            # Keys of the old kind are tokens themselves; the new ones must not stand here.
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            self._http = httpx.AsyncClient(
                headers=headers,
                timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
                limits=httpx.Limits(max_connections=_CONNECTIONS),
                transport=self._transport,
            )
        except UnicodeError:
            raise Misconfigured("SUPABASE_SECRET_KEY has letters that no key has") from None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def bucket_is_public(self) -> bool:
        bucket = await self._json("GET", f"bucket/{quote(self._bucket, safe='')}")
        return _row(bucket).get("public") is not False

    async def create_bucket(self) -> None:
        """A private one. Raises `AlreadyThere`."""
        body = {"id": self._bucket, "name": self._bucket, "public": False}
        await self._json("POST", "bucket", body)

    async def upload(self, path: str, chunks: AsyncIterator[bytes], size: int) -> None:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(size),  # else the body would go in chunks without a length
            "x-upsert": "true",
        }
        async with self._send("POST", self._object(path), headers=headers, content=chunks):
            pass

    async def download(self, path: str) -> AsyncGenerator[bytes, None]:
        async with self._send("GET", self._object(path)) as response:
            async for chunk in response.aiter_bytes():
                yield chunk

    async def remove(self, paths: Sequence[str]) -> None:
        await self._json("DELETE", f"object/{self._bucket}", {"prefixes": list(paths)})

    async def page(self, prefix: str, cursor: str | None) -> Page:
        """Objects whose path begins with `prefix`, however deep, by path. A Storage of before 2025
        does not know such pages, and refuses in one way or another: see `folder`."""
        body: dict[str, Any] = {"prefix": prefix, "limit": _PAGE, "with_delimiter": False}
        if cursor is not None:
            body["cursor"] = cursor
        answer = _row(await self._json("POST", f"object/list-v2/{self._bucket}", body))
        items = [_item(entry, "") for entry in _rows(answer.get("objects"))]
        following = answer.get("nextCursor")
        if answer.get("hasNext") is not True:
            return Page(items, None)
        if not isinstance(following, str) or following == cursor:
            raise Unavailable("Supabase Storage gave an unknown kind of answer")
        return Page(items, following)

    async def folder(self, folder: str) -> AsyncGenerator[Item, None]:
        """What is right inside `folder` (empty: the bucket), by name; from some servers what is
        deeper as well."""
        offset = 0
        while True:
            body = {
                "prefix": folder,
                "limit": _PAGE,
                "offset": offset,
                "sortBy": {"column": "name", "order": "asc"},
            }
            answer = await self._json("POST", f"object/list/{self._bucket}", body)
            page = [_item(entry, folder) for entry in _rows(answer)]
            for item in page:
                yield item
            # The server may have a smaller page than we asked for.
            if len(page) < _LEAST_PAGE:
                return
            offset += len(page)

    def _object(self, path: str) -> str:
        return f"object/{self._bucket}/{path}"

    async def _json(self, method: str, address: str, body: dict[str, Any] | None = None) -> Any:
        async with self._send(method, address, json=body) as response:
            data = await response.aread()
        try:
            return response.json() if data else None
        except ValueError:
            raise Unavailable("Supabase Storage gave an answer that is not JSON") from None

    @asynccontextmanager
    async def _send(self, method: str, address: str, **more: Any) -> AsyncGenerator[httpx.Response]:
        import httpx

        if self._http is None:
            raise Unavailable("the file store is not open")
        try:
            async with self._http.stream(method, f"{self._url}/{address}", **more) as response:
                if response.status_code >= 300:
                    raise await refusal(response)
                yield response
        except httpx.HTTPError as error:
            raise Unavailable(f"Supabase Storage: {type(error).__name__}") from None


def _row(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unavailable("Supabase Storage gave an unknown kind of answer")
    return cast("dict[str, Any]", value)


def _rows(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise Unavailable("Supabase Storage gave an unknown kind of answer")
    return [_row(entry) for entry in cast("list[object]", value)]


def _item(entry: dict[str, Any], folder: str) -> Item:
    name = str(entry.get("name"))
    if folder and not name.startswith(f"{folder}/"):
        name = f"{folder}/{name}"
    if not entry.get("id"):
        return Item(name, None)
    try:
        moment = datetime.fromisoformat(str(entry.get("updated_at")))
    except ValueError:
        raise Unavailable("Supabase Storage gave an unknown kind of answer") from None
    return Item(name, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
