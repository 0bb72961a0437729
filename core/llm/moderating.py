"""`/moderations` of OpenAI, and of servers that offer the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from core.llm.connection import Connection
from core.llm.failures import CallFailed, failure, failure_in_body
from core.llm.wire import decoded, fields, items, text

if TYPE_CHECKING:
    import httpx2

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Moderated:
    """`categories` are those that were flagged, by the server's names."""

    categories: frozenset[str]
    model: str
    request_id: str | None


class Moderator(Protocol):
    provider: str
    model: str

    async def moderate(self, words: str) -> Moderated:
        """One attempt, no retries, no deadline; every way to fail is a `CallFailed`."""
        ...

    async def close(self) -> None: ...


class ServerModerator:
    def __init__(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        model: str,
        connections: int,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = Connection(
            "OPENAI",
            "moderations",
            api_key=api_key,
            base_url=base_url,
            connections=connections,
            read_seconds=10,
            transport=transport,
        )
        self.provider = self._connection.provider
        self.model = model

    async def moderate(self, words: str) -> Moderated:
        try:
            client = await self._connection.client()
            create: Any = client.moderations.with_streaming_response.create
            async with create(model=self.model, input=words) as response:
                body = await _limited(response.iter_bytes())
                return self._moderated(body, response.request_id)
        except Exception as error:
            raise failure(error) from None

    async def close(self) -> None:
        await self._connection.close()

    def _moderated(self, body: bytes, request_id: str | None) -> Moderated:
        told = decoded(body)
        if told.get("error"):
            raise failure_in_body(told["error"])
        results = [fields(result) for result in items(told.get("results"))]
        if not results:
            raise CallFailed("failed", "no_results")
        flagged = frozenset(
            name
            for result in results
            for name, yes in fields(result.get("categories")).items()
            if yes is True
        )
        return Moderated(flagged, text(told.get("model")) or self.model, request_id)


async def _limited(chunks: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > _MOST_BYTES:
            raise CallFailed("failed", "answer_too_long")
    return bytes(body)
