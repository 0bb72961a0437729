"""The connection to one speech server, and what it refused so far."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from core.errors import Misconfigured
from core.llm.failures import CallFailed

if TYPE_CHECKING:
    import httpx2
    from openai import APIStatusError, AsyncOpenAI

log = logging.getLogger(__name__)

_OPENAI = "https://api.openai.com/v1"
_KEEPALIVE_SECONDS = 50.0
# A local server may say nothing until it has heard an hour of speech.
_READ_SECONDS = 900.0


class Connection:
    """One server. The `openai` library is imported and its client built at the first use, in a
    thread, with the `resource` of the client that will be called. `settings` is how the operator's
    names for these values begin: `STT` or `TTS`."""

    def __init__(
        self,
        settings: str,
        resource: str,
        *,
        api_key: str | None,
        base_url: str | None,
        connections: int,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = base_url or _OPENAI
        host = urlsplit(self._url).hostname
        if not host:
            raise Misconfigured(f"{settings}_BASE_URL is not an address: {self._url!r}")
        self.is_openai = host == "api.openai.com" or host.endswith(".api.openai.com")
        if self.is_openai and not api_key:
            raise Misconfigured(f"{settings}_API_KEY or OPENAI_API_KEY is needed for {host}")
        self.provider = "openai" if self.is_openai else host
        self._resource = resource
        self._api_key = api_key or "none"
        self._connections = connections
        self._transport = transport
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def client(self) -> AsyncOpenAI:
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
        timeout = httpx2.Timeout(connect=10, read=_READ_SECONDS, write=30, pool=10)
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
        attrgetter(self._resource)(client)  # imported by the library at first touch
        return client


class Options:
    """Fields that a server may refuse without harm: what it refused once is not sent again.

    Remembered together with the value, since many refuse one language and not the next.
    """

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()

    def allows(self, name: str, value: object) -> bool:
        return (name, str(value)) not in self._refused

    def refused(self, error: APIStatusError, sent: Mapping[str, object]) -> bool:
        """True if the server complains of one of the fields sent: repeat without it."""
        if error.status_code not in {400, 422}:
            return False
        complaint = _complaint(error.body)
        # The longest first: `language` is not what a server says that refuses `languages`.
        for name in sorted(sent, key=len, reverse=True):
            if name in complaint:
                self._refused.add((name, str(sent[name])))
                log.warning("the speech server refuses %s=%s: left out", name, sent[name])
                return True
        return False


async def limited(chunks: Any, most: int) -> bytes:
    """The body of a response; `CallFailed` where it is longer than anything honest."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise CallFailed("failed", "answer_too_long")
    return bytes(body)


def _complaint(body: object) -> str:
    """What an error body says, without the echo of the request that validators put in `input`."""
    if isinstance(body, Mapping):
        pairs = cast("Mapping[str, object]", body).items()
        return " ".join(_complaint(value) for key, value in pairs if key not in {"input", "ctx"})
    if isinstance(body, list):
        return " ".join(map(_complaint, cast("list[object]", body)))
    return str(body)
