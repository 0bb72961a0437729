"""Files that people sent, on their way in: asked of Telegram by their id, streamed."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramServerError,
)
from aiogram.types import FSInputFile

from bot.telegram import DownloadFailed
from core import FetchFailed, FetchRefused

TRIES = 6
CHUNK_BYTES = 256 << 10
DOWNLOAD_SECONDS = 120
"""For one try; Telegram gives no more than 20 MB at a time."""


async def fetch(bot: Bot, telegram_id: str) -> AsyncGenerator[bytes, None]:
    """The bytes of a file by Telegram's id of it. A download that breaks off is begun again, and
    what has come already is skipped.

    Raises `FetchRefused` where it will never work and `FetchFailed` where it may work later.
    """
    from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

    download = _Download(bot, telegram_id)
    policy = AsyncRetrying(
        retry=retry_if_exception_type(_Broken),
        stop=lambda _: download.failures >= TRIES,
        wait=wait_exponential_jitter(multiplier=0.5, max=8.0, jitter=0.2),
        reraise=True,
    )
    try:
        chunk: bytes = await policy(download.next)
        while chunk:
            yield chunk
            chunk = await policy(download.next)
    except _Broken as error:
        unavailable = FetchFailed(f"Telegram does not hand a file over: {error}")
    else:
        return
    finally:
        await download.close()
    raise unavailable


_PASSING = (
    DownloadFailed,
    TelegramNetworkError,
    TelegramServerError,
    ClientDecodeError,
    OSError,
)


class _Broken(Exception):
    """This try has failed; another one begins with a new link, since links expire."""


class _Download:
    def __init__(self, bot: Bot, telegram_id: str) -> None:
        self.failures = 0
        self._bot = bot
        self._telegram_id = telegram_id
        self._stream: AsyncGenerator[bytes, None] | None = None
        self._size = 0
        self._got = 0
        self._skip = 0

    async def next(self) -> bytes:
        """The next chunk, empty at the end."""
        try:
            while True:
                if self._stream is None:
                    self._stream = await self._open()
                    self._skip = self._got
                chunk = await anext(self._stream, b"")
                if not chunk:
                    self._check_whole()
                    return b""
                fresh = chunk[self._skip :]
                self._skip = max(0, self._skip - len(chunk))
                if fresh:
                    self._got += len(fresh)
                    return fresh
        except _PASSING as error:
            failure = error
        await self.close()
        self.failures += 1
        said = str(failure) if isinstance(failure, DownloadFailed) else type(failure).__name__
        raise _Broken(said)

    async def close(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.aclose()

    async def _open(self) -> AsyncGenerator[bytes, None]:
        try:
            file = await self._bot.get_file(self._telegram_id)
        except TelegramBadRequest as error:
            if "too big" in error.message:
                raise FetchRefused("too_big") from None
            if "temporarily" in error.message and self.failures < TRIES - 1:
                # Telegram says the same of a wrong id and of a file it can't give right now.
                raise DownloadFailed("temporarily unavailable", None) from None
            raise FetchRefused("gone") from None
        except _PASSING:
            raise
        except AiogramError as error:
            raise FetchFailed(f"getFile: {type(error).__name__}") from None
        if not file.file_path:
            raise FetchRefused("gone")
        self._size = file.file_size or 0
        api = self._bot.session.api
        if api.is_local:
            path = api.wrap_local_file.to_local(file.file_path)
            return FSInputFile(path, chunk_size=CHUNK_BYTES).read(self._bot)
        return self._bot.session.stream_content(
            api.file_url(self._bot.token, file.file_path),
            timeout=DOWNLOAD_SECONDS,
            chunk_size=CHUNK_BYTES,
            raise_for_status=True,
        )

    def _check_whole(self) -> None:
        if self._got < self._size:
            raise DownloadFailed("the file breaks off", None)
