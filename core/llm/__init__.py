"""One language for every model server: a request goes in, a stream of events comes out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `estimated` where the server said nothing and the length was counted."""

    prompt: int
    completion: int
    total: int
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any])
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a stream that ended as it should; a cut stream has no `Done`.

    `finish` is `stop`, `length`, `tools` or `filter`, whatever the server calls it.
    """

    text: str
    tool_calls: tuple[ToolCall, ...]
    usage: Usage | None
    finish: str
    model: str
    request_id: str | None


Event = TextDelta | ToolCall | Done


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """`effort` is sent as given and never left out unless None (facts: some servers refuse it).

    `safety_id` is an opaque, irreversible mark of the person, for servers that take one.
    """

    model: str
    messages: Sequence[ChatMessage]
    effort: str | None = None
    max_output_tokens: int | None = None
    safety_id: str | None = None


class Model(Protocol):
    provider: str
    api: str

    def stream(self, request: ModelRequest) -> AsyncIterator[Event]:
        """One attempt, no retries, no deadlines. Raises the server library's own errors."""
        ...

    async def close(self) -> None: ...
