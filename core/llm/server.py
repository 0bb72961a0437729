"""The connection to one model server."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from core.llm.body import StreamedBody, encoded
from core.llm.connection import Connection
from core.llm.dialect import refused_feature

if TYPE_CHECKING:
    import httpx2
    from openai import RequestOptions

Api = Literal["responses", "chat"]

log = logging.getLogger(__name__)


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


def tool_features(specs: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What offers tools under either API; their being strict is part of the specs."""
    return {
        "tools": {"tools": specs},
        "strict": {},
        "parallel_tool_calls": {"parallel_tool_calls": False},
    }


@dataclass(frozen=True, slots=True)
class Reply:
    request_id: str | None
    chunks: AsyncGenerator[bytes, None]


class Server:
    """One model server: its connection, and what it refused so far, for each model."""

    def __init__(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connections: int,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._connection = Connection(
            "OPENAI",
            "chat.completions",
            "responses",
            api_key=api_key,
            base_url=base_url,
            connections=connections,
            read_seconds=60,
            transport=transport,
        )
        self.is_openai = self._connection.is_openai
        self.provider = self._connection.provider
        self._refused: dict[str, frozenset[str]] = {}

    async def warm(self) -> None:
        """Build the client, so that the first person doesn't wait for it."""
        await self._connection.client()

    @asynccontextmanager
    async def post(
        self, api: Api, model: str, build: Callable[[frozenset[str]], Body]
    ) -> AsyncGenerator[Reply, None]:
        """Send `build(refused features)`; a feature the server refuses is left out from then on."""
        from openai import APIStatusError, AsyncStream

        client = await self._connection.client()
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
                    stream = await client.post(
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
        await self._connection.close()
