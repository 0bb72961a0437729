"""The connection to one model server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from core.errors import Misconfigured
from core.llm.body import StreamedBody, encoded
from core.llm.dialect import refused_feature

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI, RequestOptions

Api = Literal["responses", "chat"]

log = logging.getLogger(__name__)

_OPENAI = "https://api.openai.com/v1"
# Long enough for a person to read and write the next line, so that the next call finds an open
# connection and saves the TLS handshake; shorter than the idle limits of usual servers.
_KEEPALIVE_SECONDS = 50.0


@dataclass(frozen=True, slots=True)
class Body:
    """What to send, and which features of it the server may refuse without harm."""

    fields: Mapping[str, Any]
    droppable: frozenset[str]

    @classmethod
    def of(
        cls,
        fields: Mapping[str, Any],
        features: Mapping[str, Mapping[str, Any]],
        refused: Collection[str],
    ) -> Body:
        """`fields`, and those of each feature that has not been refused."""
        sent = {name: told for name, told in features.items() if name not in refused}
        merged = dict(fields)
        for told in sent.values():
            merged.update(told)
        return cls(merged, frozenset(sent))


@dataclass(frozen=True, slots=True)
class Reply:
    request_id: str | None
    chunks: AsyncGenerator[bytes, None]


class Server:
    """One model server: its connections, and what it refused so far, for each model.

    The `openai` library takes most of a second to import, so that happens on the first use, in a
    thread; `warm` does it beforehand.
    """

    def __init__(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connections: int,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = base_url or _OPENAI
        host = urlsplit(self._url).hostname
        if not host:
            raise Misconfigured(f"OPENAI_BASE_URL is not an address: {self._url!r}")
        self.is_openai = host == "api.openai.com" or host.endswith(".api.openai.com")
        if self.is_openai and not api_key:
            raise Misconfigured("OPENAI_API_KEY is needed for api.openai.com")
        self.provider = "openai" if self.is_openai else host
        self._api_key = api_key or "none"
        self._connections = connections
        self._transport = transport
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()
        self._refused: dict[str, frozenset[str]] = {}

    async def warm(self) -> None:
        """Import the library and build the client, so that the first person doesn't wait for it."""
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)

    @asynccontextmanager
    async def post(
        self, api: Api, model: str, build: Callable[[frozenset[str]], Body]
    ) -> AsyncGenerator[Reply, None]:
        """Send `build(refused features)`; a feature the server refuses is left out from then on."""
        from openai import APIStatusError, AsyncStream

        if self._client is None:
            await self.warm()
        assert self._client is not None
        path = "/chat/completions" if api == "chat" else "/responses"
        async with AsyncExitStack() as stack:
            while True:  # ends: every repeat leaves out one more of a few features
                refused = self._refused.get(model, frozenset())
                body = build(refused)
                content = encoded({"model": model, "stream": True, **body.fields})
                options: dict[str, Any] = {"security": {"bearer_auth": True}}
                if isinstance(content, StreamedBody):
                    # Without it the body would be sent in chunks, which not every server takes.
                    options["headers"] = {"Content-Length": str(content.length)}
                try:
                    # Its typed methods walk through every message and check it against their
                    # types: 6 ms for fifty of them.
                    stream = await self._client.post(
                        path,
                        content=content,
                        options=cast("RequestOptions", options),
                        cast_to=object,
                        stream=True,
                        stream_cls=AsyncStream[object],
                    )
                except APIStatusError as error:
                    feature = refused_feature(error.status_code, error.body, body.droppable)
                    if feature is None:
                        raise
                    self._refused[model] = refused | {feature}
                    log.warning("%s refuses %s for %s: left out", self.provider, feature, model)
                    continue
                response = (await stack.enter_async_context(stream)).response
                yield Reply(response.headers.get("x-request-id"), response.aiter_bytes())
                return

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _build(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

        # At DEBUG it prints whole requests, that is people's dialogues.
        logging.getLogger("openai").setLevel(logging.WARNING)
        timeout = httpx2.Timeout(connect=10, read=60, write=30, pool=10)
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
        _ = client.chat.completions, client.responses  # imported by the library at first touch
        return client
