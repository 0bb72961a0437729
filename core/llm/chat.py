"""Chat Completions: the API that every compatible server speaks, each with its own accent."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from core.llm import Done, Event, ModelRequest, Progress, Started, TextDelta, Usage
from core.llm.chat_messages import chat_message, tool_spec
from core.llm.dialect import prompt_cache_key
from core.llm.failures import CallFailed, failure, failure_in_body
from core.llm.roles import strict_roles, without_tools
from core.llm.server import Body, Server, tool_features
from core.llm.toolcalls import FragmentedCalls
from core.llm.wire import (
    Fields,
    decoded,
    drain,
    fields,
    identifier,
    items,
    next_payload,
    payloads,
    text,
    usage,
)

_FINISHES = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filter",
}
# The usage comes after the last words; a server that sends none must not hold the answer up.
_TAIL_SECONDS = 2.0


class ChatModel:
    api = "chat"

    def __init__(self, server: Server) -> None:
        self._server = server
        self.provider = server.provider

    async def warm(self) -> None:
        await self._server.warm()

    async def close(self) -> None:
        await self._server.close()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Event, None]:
        try:
            post = self._server.post(
                "chat", request.model, lambda refused: self._body(request, refused)
            )
            async with post as reply, aclosing(payloads(reply.chunks)) as events:
                yield Started(reply.request_id)
                reading = _Reading(request, reply.request_id)
                while not reading.ended:
                    payload = await next_payload(events, _TAIL_SECONDS if reading.finish else None)
                    if payload is None:
                        break
                    for event in reading.feed(payload):
                        yield event
                yield reading.done()
                await drain(events)
        except Exception as error:
            raise failure(error, pictures=request.has_pictures) from None

    def _body(self, request: ModelRequest, refused: frozenset[str]) -> Body:
        openai = self._server.is_openai
        features: dict[str, dict[str, Any]] = {"stream_options": {}}
        options = {"include_usage": True}
        body: dict[str, Any] = {}
        messages = request.messages
        effort = request.effort
        if "tools" in refused:
            messages = without_tools(messages)
        elif request.tools:
            strict = "strict" not in refused
            specs = [tool_spec(tool, strict=strict) for tool in request.tools]
            features.update(tool_features(specs))
            if openai or "effort_with_tools" in refused:
                # Its models refuse tools here while they reason, and reason unless told not to.
                effort = "none"
            else:
                features["effort_with_tools"] = {}
        if effort is not None:
            features["effort"] = {"reasoning_effort": effort}
        if request.max_output_tokens is not None:
            names = ["max_tokens", "max_completion_tokens"]
            # Old servers know the first only, OpenAI's reasoning models the second only.
            if openai:
                names.reverse()
            name = next((name for name in names if name not in refused), None)
            if name:
                features[name] = {name: request.max_output_tokens}
        if openai:
            body["store"] = False
            options["include_obfuscation"] = False
            features["prompt_cache_key"] = {"prompt_cache_key": prompt_cache_key(request)}
            if request.safety_id is not None:
                features["safety_identifier"] = {"safety_identifier": request.safety_id}
        else:
            messages = strict_roles(messages)
        body["messages"] = [chat_message(message, developer=openai) for message in messages]
        features["stream_options"]["stream_options"] = options
        return Body.of(body, features, refused)


class _Reading:
    """What has been heard of one answer so far."""

    def __init__(self, request: ModelRequest, request_id: str | None) -> None:
        self.ended = False
        self.finish: str | None = None
        self._model = request.model
        self._pictures = request.has_pictures
        self._request_id = request_id
        self._text: list[str] = []
        self._refusal = False
        self._usage: Usage | None = None
        self._calls = FragmentedCalls()
        self._reasoning: list[str] = []
        self._reasoning_details: list[object] = []
        self._response_id: str | None = None

    def feed(self, payload: bytes) -> list[Event]:
        if payload == b"[DONE]":
            self.ended = True
            # Some servers name no reason, but a stream that was cut does not say this either.
            self.finish = self.finish or "stop"
            return []
        chunk = decoded(payload)
        self._usage = usage(chunk.get("usage")) or self._usage
        if chunk.get("error"):
            raise self._failure(chunk["error"])
        self._model = text(chunk.get("model")) or self._model
        self._response_id = self._response_id or identifier(chunk.get("id"))
        choices = items(chunk.get("choices"))
        return self._choice(fields(choices[0])) if choices else []

    def _choice(self, choice: Fields) -> list[Event]:
        # `message` in place of `delta`: the server ignored `stream` and sent the whole answer.
        delta = fields(choice.get("delta") or choice.get("message"))
        events: list[Event] = []
        said = text(delta.get("content"))
        if refusal := text(delta.get("refusal")):
            self._refusal = True
            said += refusal
        calls = items(delta.get("tool_calls"))
        for fragment in calls:
            self._calls.add(fields(fragment))
        if said:
            self._text.append(said)
            events.append(TextDelta(said))
        elif self._reasons(delta) or calls:
            events.append(Progress())
        reason = choice.get("finish_reason")
        if reason == "error":
            raise self._failure(choice.get("error") or "the model failed")
        if isinstance(reason, str) and reason:
            self.finish = _FINISHES.get(reason, "stop")
        return events

    def _reasons(self, delta: Fields) -> bool:
        reasoning = delta.get("reasoning_content")
        if isinstance(reasoning, str):
            self._reasoning.append(reasoning)
        self._reasoning_details.extend(items(delta.get("reasoning_details")))
        return bool(reasoning or delta.get("reasoning") or delta.get("reasoning_details"))

    def done(self) -> Done:
        if self.finish is None:
            raise CallFailed("cut", "no_finish", usage=self._usage, request_id=self._request_id)
        finish = "filter" if self._refusal else self.finish
        said = "".join(self._text)
        calls, repeated = self._calls.ended()
        message: dict[str, Any] = {}
        if calls:
            # Presence decides: some servers say "stop" after a call.
            finish = "tools" if finish == "stop" else finish
            message = {"role": "assistant", "content": said, "tool_calls": repeated}
            # DeepSeek and OpenRouter go on in a tool loop only if they get their thoughts back.
            if self._reasoning:
                message["reasoning_content"] = "".join(self._reasoning)
            if self._reasoning_details:
                message["reasoning_details"] = self._reasoning_details
        back = (message,) if calls else ()
        return Done(
            said,
            calls,
            self._usage,
            finish,
            self._model,
            self._request_id,
            back,
            self._response_id,
        )

    def _failure(self, error: object) -> CallFailed:
        return failure_in_body(error, self._usage, pictures=self._pictures)
