"""The choice of the API for a model server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from core.llm.chat import ChatModel
from core.llm.responses import ResponsesModel
from core.llm.server import Server

if TYPE_CHECKING:
    import httpx2


def open_model(
    *,
    api: Literal["auto", "responses", "chat"] = "auto",
    api_key: str | None,
    base_url: str | None = None,
    connections: int,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> ResponsesModel | ChatModel:
    """A `Model` over OpenAI, or over the compatible server at `base_url`.

    `connections` is the number of turns allowed in flight. `auto` speaks Responses to OpenAI and
    Chat Completions to everybody else. Costs nothing until `warm` or the first request; raises
    `Misconfigured` when the settings can't work.
    """
    server = Server(
        api_key=api_key, base_url=base_url, connections=connections, transport=transport
    )
    if api == "auto":
        api = "responses" if server.is_openai else "chat"
    return ResponsesModel(server) if api == "responses" else ChatModel(server)
