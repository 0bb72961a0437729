"""What a model server says of a model, without asking the model anything."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from core.llm.connection import Connection
from core.llm.failures import CallFailed, failure
from core.llm.wire import Fields, decoded, fields, items, text

if TYPE_CHECKING:
    from openai import RequestOptions

_CLOSE = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """`known` is None where the server keeps no list. `close` are names that it has and that look
    alike. `date` is the server's `Date`, and `sent` the moment of the question before it."""

    known: bool | None
    close: tuple[str, ...]
    shutdown: str | None
    date: str | None
    sent: datetime


async def look_up(connection: Connection, model: str) -> Listing:
    """Ask for the model, and for the list of all where that is not answered. Raises `CallFailed`
    where the server can't be reached or refuses the key."""
    sent = datetime.now(UTC)
    try:
        told, date = await _get(connection, f"/models/{quote(model, safe='')}")
        if text(told.get("id")):
            shutdown = text(told.get("shutdown_date")) or None
            return Listing(True, (), shutdown, date, sent)
    except CallFailed as failed:
        if failed.rejected not in ("model", "request"):
            raise
    sent = datetime.now(UTC)
    try:
        told, date = await _get(connection, "/models")
    except CallFailed as failed:
        if failed.rejected not in ("model", "request") and failed.code != "bad_json":
            raise
        return Listing(None, (), None, None, sent)
    names = _names(told)
    if not names:
        return Listing(None, (), None, date, sent)
    # Ollama lists `llama3.2:latest` for what is asked for as `llama3.2`.
    known = model in names or f"{model}:latest" in names
    return Listing(known, _alike(model, names), None, date, sent)


def _names(told: Fields) -> list[str]:
    entries = items(told.get("data"))
    return [name for entry in entries if (name := text(fields(entry).get("id")))]


def _alike(model: str, names: Sequence[str]) -> tuple[str, ...]:
    found = difflib.get_close_matches(model, names, _CLOSE, cutoff=0.5)
    return tuple(found or sorted(names)[:_CLOSE])


async def _get(connection: Connection, path: str) -> tuple[Fields, str | None]:
    try:
        import httpx2

        client = await connection.client()
        options: dict[str, Any] = {"security": {"bearer_auth": True}}
        response = await client.get(
            path, cast_to=httpx2.Response, options=cast("RequestOptions", options)
        )
        return decoded(response.content), response.headers.get("date")
    except Exception as error:
        raise failure(error) from None
