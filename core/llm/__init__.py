"""One language for every model server: a request goes in, a stream of events comes out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes of a JPEG or PNG; they travel inside the request, never as an address."""

    data: bytes = field(repr=False)
    mime: Literal["image/jpeg", "image/png"] = "image/jpeg"
    detail: Literal["low", "high", "auto"] = "auto"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is JSON as the model wrote it, valid or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call. `parameters` is a strict JSON schema: every property
    required, `additionalProperties` false."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """`cache_point` promises that the next requests of this dialogue start with the same messages
    up to and including this one, so a server that caches prompts may cut here.

    An assistant message of a tool loop has `tool_calls`, and `items` as its `Done` had them; the
    result of each call follows as a message of role `tool` with `tool_call_id`. `pictures` belong
    to user messages.
    """

    role: Role
    content: str
    cache_point: bool = False
    pictures: tuple[Picture, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    items: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `estimated` where the server said nothing and the length was counted."""

    prompt: int
    completion: int
    total: int
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any])
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """The server took the request and opened the stream; `request_id` is what its support asks."""

    request_id: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life without text to show: the model is reasoning, or writing a tool call."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a stream that ended as it should; a cut stream has no `Done`.

    `finish` is `stop`, `length`, `tools` or `filter`, whatever the server calls it. `items` are
    the server's own output items (reasoning among them), to be handed back within a tool loop.
    `response_id` is its name of this answer.
    """

    text: str
    tool_calls: tuple[ToolCall, ...]
    usage: Usage | None
    finish: str
    model: str
    request_id: str | None
    items: tuple[Mapping[str, Any], ...] = ()
    response_id: str | None = None


Event = Started | Progress | TextDelta | ToolCall | Done


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """`effort` None leaves it to the server: reasoning models then reason at their own default.

    `safety_id` is an opaque, irreversible mark of the person, for servers that take one.
    """

    model: str
    messages: Sequence[ChatMessage]
    effort: str | None = None
    max_output_tokens: int | None = None
    safety_id: str | None = None
    tools: Sequence[Tool] = ()

    @property
    def has_pictures(self) -> bool:
        return any(message.pictures for message in self.messages)


class Model(Protocol):
    """`provider` is `openai` or the server's host name; `api` is `responses` or `chat`."""

    provider: str
    api: str

    def stream(self, request: ModelRequest) -> AsyncGenerator[Event, None]:
        """One attempt, no retries, no deadlines.

        Every way to fail, a stream that merely ends too early included, is raised as
        `core.llm.failures.CallFailed`. Cancelling the task closes the connection.
        """
        ...

    async def warm(self) -> None:
        """Load what the first call would wait for."""
        ...

    async def close(self) -> None: ...
