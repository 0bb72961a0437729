"""Chat Completions: the API that every compatible server speaks, each with its own accent."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from core.llm import Done, Event, ModelRequest, Progress, Started, TextDelta, Usage
from core.llm.dialect import prompt_cache_key, strict_roles
from core.llm.failures import CallFailed, failure, failure_in_body
from core.llm.server import Body, Server
from core.llm.wire import Fields, decoded, drain, fields, items, next_payload, payloads, text, usage

_FINISHES = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filter",
    "tool_calls": "tools",
    "function_call": "tools",
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
                reading = _Reading(request.model, reply.request_id)
                while not reading.ended:
                    payload = await next_payload(events, _TAIL_SECONDS if reading.finish else None)
                    if payload is None:
                        break
                    for event in reading.feed(payload):
                        yield event
                yield reading.done()
                await drain(events)
        except Exception as error:
            raise failure(error) from error

    def _body(self, request: ModelRequest, refused: frozenset[str]) -> Body:
        features: dict[str, Any] = {"stream_options": {"include_usage": True}}
        body: dict[str, Any] = {}
        if request.effort is not None:
            features["effort"] = request.effort
        if request.max_output_tokens is not None:
            names = ["max_tokens", "max_completion_tokens"]
            # Old servers know the first only, OpenAI's reasoning models the second only.
            if self._server.is_openai:
                names.reverse()
            name = next((name for name in names if name not in refused), None)
            if name:
                features[name] = request.max_output_tokens
        if self._server.is_openai:
            body["messages"] = [
                {"role": "developer" if m.role == "system" else m.role, "content": m.content}
                for m in request.messages
            ]
            body["store"] = False
            features["stream_options"]["include_obfuscation"] = False
            features["prompt_cache_key"] = prompt_cache_key(request)
            if request.safety_id is not None:
                features["safety_identifier"] = request.safety_id
        else:
            body["messages"] = strict_roles(request.messages)
        sent = {name: value for name, value in features.items() if name not in refused}
        body.update({"reasoning_effort" if k == "effort" else k: v for k, v in sent.items()})
        return Body(body, frozenset(sent))


class _Reading:
    """What has been heard of one answer so far."""

    def __init__(self, model: str, request_id: str | None) -> None:
        self.ended = False
        self.finish: str | None = None
        self._model = model
        self._request_id = request_id
        self._text: list[str] = []
        self._refusal = False
        self._usage: Usage | None = None

    def feed(self, payload: bytes) -> list[Event]:
        if payload == b"[DONE]":
            self.ended = True
            # Some servers name no reason, but a stream that was cut does not say this either.
            self.finish = self.finish or "stop"
            return []
        chunk = decoded(payload)
        self._usage = usage(chunk.get("usage")) or self._usage
        if chunk.get("error"):
            raise failure_in_body(chunk["error"], self._usage)
        self._model = text(chunk.get("model")) or self._model
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
        if said:
            self._text.append(said)
            events.append(TextDelta(said))
        elif delta.get("reasoning_content") or delta.get("reasoning"):
            events.append(Progress())
        reason = choice.get("finish_reason")
        if reason == "error":
            raise failure_in_body(choice.get("error") or "the model failed", self._usage)
        if isinstance(reason, str) and reason:
            self.finish = _FINISHES.get(reason, "stop")
        return events

    def done(self) -> Done:
        if self.finish is None:
            raise CallFailed("cut", "no_finish", usage=self._usage, request_id=self._request_id)
        finish = "filter" if self._refusal else self.finish
        return Done("".join(self._text), (), self._usage, finish, self._model, self._request_id)
