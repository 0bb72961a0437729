"""The client of one model server, whatever is asked of it: text, hearing or speech."""

from __future__ import annotations

import asyncio
import logging
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import Misconfigured

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_OPENAI = "https://api.openai.com/v1"
# Long enough for a person to read and write the next line, so that the next call finds an open
# connection and saves the TLS handshake; shorter than the idle limits of usual servers.
_KEEPALIVE_SECONDS = 50.0


class Connection:
    """The `openai` library takes most of a second to import, so that happens at the first use, in
    a thread, along with the `resources` of the client that will be called.

    `settings` is how the operator's names for these values begin: `OPENAI`, `STT` or `TTS`.
    `read_seconds` is the longest silence on the line.
    """

    def __init__(
        self,
        settings: str,
        *resources: str,
        api_key: str | None,
        base_url: str | None,
        connections: int,
        read_seconds: float,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = base_url or _OPENAI
        host = urlsplit(self._url).hostname
        if not host:
            raise Misconfigured(f"{settings}_BASE_URL is not an address: {self._url!r}")
        self.is_openai = host == "api.openai.com" or host.endswith(".api.openai.com")
        if self.is_openai and not api_key:
            names = " or ".join(dict.fromkeys((f"{settings}_API_KEY", "OPENAI_API_KEY")))
            raise Misconfigured(f"{names} is needed for {host}")
        self.provider = "openai" if self.is_openai else host
        self._resources = resources
        self._api_key = api_key or "none"
        self._connections = connections
        self._read_seconds = read_seconds
        self._transport = transport
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def client(self) -> AsyncOpenAI:
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    self._client = await asyncio.to_thread(self._build)
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _build(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

        # At DEBUG they print whole requests and frames, that is people's words.
        for name in ("openai", "websockets"):
            logging.getLogger(name).setLevel(logging.WARNING)
        timeout = httpx2.Timeout(connect=10, read=self._read_seconds, write=30, pool=10)
        client = AsyncOpenAI(
            api_key=self._api_key,
            base_url=self._url,
            max_retries=0,
            timeout=timeout,
            http_client=DefaultAsyncHttpx2Client(
                timeout=timeout,
                limits=httpx2.Limits(
                    max_connections=self._connections,
                    max_keepalive_connections=self._connections,
                    keepalive_expiry=_KEEPALIVE_SECONDS,
                ),
                transport=self._transport,
            ),
        )
        for resource in self._resources:
            attrgetter(resource)(client)  # imported by the library at first touch
        return client
