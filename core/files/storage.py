"""Files in Supabase Storage."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from core.errors import FileMissing, Misconfigured, Unavailable
from core.files import Blob
from core.files.paths import check_folder, is_folder, is_path
from core.files.scratch import Scratch
from core.files.spooling import spool, stream
from core.files.storage_api import Item, StorageApi
from core.files.storage_refusals import AlreadyThere, BucketMissing

if TYPE_CHECKING:
    import httpx

P = ParamSpec("P")
T = TypeVar("T")

BUCKET = "vision-files"
MEGABYTES = 50
"""The most that a project on the free plan keeps in one file."""

_TRIES = 3
_TRIES_SECONDS = 30.0
_REMOVED = 200


class StorageFiles:
    """See core.files.FileStore."""

    def __init__(
        self,
        url: str,
        secret_key: str,
        scratch_folder: Path,
        bucket: str = BUCKET,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` replaces the network, for tests."""
        self._api = StorageApi(url, secret_key, bucket, transport)
        self._scratch = Scratch(scratch_folder)
        self._bucket = bucket
        self._pages = True

    async def open(self) -> None:
        """Makes the bucket where it is missing."""
        await self._scratch.open()
        self._api.open()
        try:
            public = await self._patiently(self._ensure_bucket)
        except BaseException:
            await self.close()
            raise
        if public:
            await self.close()
            raise Misconfigured(
                f"the bucket {self._bucket} of Supabase Storage is public: make it private,"
                " or the files of people can be read by anybody"
            )

    async def close(self) -> None:
        await self._api.close()

    async def put(self, folder: str, chunks: AsyncIterable[bytes], *, limit: int) -> Blob:
        check_folder(folder)
        async with self._scratch.file() as file:
            limit = min(limit, MEGABYTES * 1024 * 1024)
            spooled = await spool(chunks, file, limit=limit)
            path = f"{folder}/{spooled.sha256}"
            await self._patiently(self._send, path, file, spooled.size)
        return Blob(path, spooled.size)

    async def read(self, path: str) -> AsyncGenerator[bytes, None]:
        """Spooled first, so that a broken connection is repaired before a byte is given."""
        async with self.local(path) as file, aclosing(stream(file)) as chunks:
            async for chunk in chunks:
                yield chunk

    @asynccontextmanager
    async def local(self, path: str) -> AsyncGenerator[Path]:
        if not is_path(path):
            raise FileMissing
        async with self._scratch.file() as file:
            await self._patiently(self._fetch, path, file)
            yield file

    def scratch(self) -> AbstractAsyncContextManager[Path]:
        return self._scratch.folder()

    async def tidy(self) -> None:
        await self._scratch.tidy()

    async def delete(self, paths: Sequence[str], *, put_before: datetime | None = None) -> None:
        doomed = [path for path in paths if is_path(path)]
        if put_before is not None:
            doomed = await self._put_before(doomed, put_before)
        for start in range(0, len(doomed), _REMOVED):
            batch = doomed[start : start + _REMOVED]
            await self._patiently(self._api.remove, batch)

    async def kept(self) -> AsyncGenerator[tuple[str, datetime], None]:
        async for found in self._under(""):
            yield found

    async def under(self, folder: str) -> AsyncGenerator[str, None]:
        check_folder(folder)
        async for path, _ in self._under(folder):
            yield path

    async def _ensure_bucket(self) -> bool:
        """True if it is public."""
        with suppress(BucketMissing, FileMissing):
            return await self._api.bucket_is_public()
        with suppress(AlreadyThere):
            await self._api.create_bucket()
        return await self._api.bucket_is_public()

    async def _send(self, path: str, file: Path, size: int) -> None:
        async with aclosing(stream(file)) as chunks:
            await self._api.upload(path, chunks, size)

    async def _fetch(self, path: str, file: Path) -> None:
        async with aclosing(self._api.download(path)) as chunks:
            fetched = await spool(chunks, file, limit=MEGABYTES * 1024 * 1024)
        if fetched.sha256 != path.partition("/")[2]:
            raise Unavailable("a file came broken from Supabase Storage")

    async def _put_before(self, paths: Sequence[str], moment: datetime) -> list[str]:
        old: set[str] = set()
        for folder in {path.partition("/")[0] for path in paths}:
            old |= {path async for path, put_at in self._under(folder) if put_at < moment}
        return [path for path in paths if path in old]

    async def _under(self, folder: str) -> AsyncGenerator[tuple[str, datetime], None]:
        """All files of ours in `folder`; empty: in the bucket."""
        cursor: str | None = None
        while self._pages:
            prefix = f"{folder}/" if folder else ""
            try:
                page = await self._patiently(self._api.page, prefix, cursor)
            except Misconfigured:
                if cursor is not None:
                    raise
                # If it is not Storage's age but something else, listing folders will tell.
                self._pages = False
                break
            for found in _files(page.items):
                yield found
            if page.cursor is None:
                return
            cursor = page.cursor
        for each in [folder] if folder else await self._patiently(self._folders):
            for found in await self._patiently(self._in_folder, each):
                yield found

    async def _folders(self) -> list[str]:
        names = {item.name.partition("/")[0] async for item in self._api.folder("")}
        return sorted(filter(is_folder, names))

    async def _in_folder(self, folder: str) -> list[tuple[str, datetime]]:
        return _files([item async for item in self._api.folder(folder)])

    async def _patiently(
        self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        import tenacity

        tries = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(_TRIES) | tenacity.stop_after_delay(_TRIES_SECONDS),
            wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.2),
            retry=tenacity.retry_if_exception_type(Unavailable),
            reraise=True,
        )
        try:
            return await tries(call, *args, **kwargs)
        except BucketMissing:
            raise Misconfigured(
                f"the bucket {self._bucket} of Supabase Storage is gone: it is made at the start"
            ) from None


def _files(items: Sequence[Item]) -> list[tuple[str, datetime]]:
    return [
        (item.name, item.updated_at)
        for item in items
        if item.updated_at is not None and is_path(item.name)
    ]
