"""The Responses API, stateless: the history is ours, and the server is asked to keep nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from core.llm import Done, Event, ModelRequest, Progress, Started, TextDelta
from core.llm.dialect import prompt_cache_key
from core.llm.failures import CallFailed, failure, failure_in_body
from core.llm.responses_input import input_items, tool_spec
from core.llm.roles import strict_roles, without_tools
from core.llm.server import Body, Server, tool_features
from core.llm.toolcalls import calls_of_items
from core.llm.wire import Fields, decoded, drain, fields, identifier, items, payloads, text, usage

_TEXT = frozenset({"response.output_text.delta", "response.refusal.delta"})
_PROGRESS = frozenset(
    {
        "response.reasoning_text.delta",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
    }
)


class ResponsesModel:
    api = "responses"

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
                "responses", request.model, lambda refused: self._body(request, refused)
            )
            async with post as reply, aclosing(payloads(reply.chunks)) as events:
                yield Started(reply.request_id)
                reading = _Reading(request, reply.request_id)
                async for payload in events:
                    if event := reading.feed(payload):
                        yield event
                    if isinstance(event, Done):
                        break
                else:
                    raise CallFailed("cut", "no_finish", request_id=reply.request_id)
                await drain(events)
        except Exception as error:
            raise failure(error, pictures=request.has_pictures) from None

    def _body(self, request: ModelRequest, refused: frozenset[str]) -> Body:
        features: dict[str, dict[str, Any]] = {}
        body: dict[str, Any] = {}
        if request.effort is not None:
            features["effort"] = {"reasoning": {"effort": request.effort}}
        if request.max_output_tokens is not None:
            features["max_output_tokens"] = {"max_output_tokens": request.max_output_tokens}
        messages = request.messages
        if "tools" in refused:
            messages = without_tools(messages)
        elif request.tools:
            strict = "strict" not in refused
            specs = [tool_spec(tool, strict=strict) for tool in request.tools]
            features.update(tool_features(specs))
            if self._server.is_openai:
                # The server keeps nothing, so the model's thoughts travel with the tool loop.
                include = {"include": ["reasoning.encrypted_content"]}
                features["encrypted_reasoning"] = include
        if self._server.is_openai:
            body["store"] = False
            features["stream_options"] = {"stream_options": {"include_obfuscation": False}}
            features["prompt_cache_key"] = {"prompt_cache_key": prompt_cache_key(request)}
            if any(message.cache_point for message in messages):
                # Left to itself the server cuts near the newest message, where the next request
                # differs, and charges for writing what is never read.
                features["cache_points"] = {"prompt_cache_options": {"mode": "explicit"}}
            if request.safety_id is not None:
                features["safety_identifier"] = {"safety_identifier": request.safety_id}
        else:
            messages = strict_roles(messages)
            # Part of this API and on by default, so others get it too, but they may refuse it.
            features["store"] = {"store": False}
        caching = self._server.is_openai and "cache_points" not in refused
        body["input"] = [
            item
            for message in messages
            for item in input_items(message, developer=self._server.is_openai, caching=caching)
        ]
        return Body.of(body, features, refused)


class _Reading:
    """What has been heard of one answer so far."""

    def __init__(self, request: ModelRequest, request_id: str | None) -> None:
        self._model = request.model
        self._pictures = request.has_pictures
        self._request_id = request_id
        self._text: list[str] = []
        self._refusal = False
        self._output: list[object] = []

    def feed(self, payload: bytes) -> Event | None:
        if payload == b"[DONE]":
            return None
        event = decoded(payload)
        kind = event.get("type")
        if kind in _TEXT:
            said = text(event.get("delta"))
            self._refusal = self._refusal or kind == "response.refusal.delta"
            self._text.append(said)
            return TextDelta(said) if said else None
        if kind in _PROGRESS:
            return Progress()
        if kind == "response.output_item.done":
            self._output.append(event.get("item"))
        elif kind == "error" or event.get("error"):
            raise failure_in_body(event.get("error") or event, pictures=self._pictures)
        if kind is None and event.get("object") == "response":
            return self._ended(event)  # the server ignored `stream` and sent the whole answer
        if kind in {"response.completed", "response.incomplete", "response.failed"}:
            return self._ended(fields(event.get("response")))
        return None

    def _ended(self, response: Fields) -> Done:
        used = usage(response.get("usage"))
        if response.get("error") or response.get("status") in {"failed", "cancelled"}:
            error = response.get("error") or "the model failed"
            raise failure_in_body(error, used, pictures=self._pictures)
        finish = "filter" if self._refusal else "stop"
        if response.get("status") == "incomplete":
            reason = fields(response.get("incomplete_details")).get("reason")
            finish = "filter" if reason == "content_filter" else "length"
        output = items(response.get("output"))
        if len(self._output) >= len(output):
            output = self._output  # whole here, and some servers repeat nothing at the end
        said = "".join(self._text) or _output_text(output)
        calls, kept = calls_of_items(output)
        if calls and finish == "stop":
            finish = "tools"
        model = text(response.get("model")) or self._model
        back = tuple(kept) if calls else ()
        name = identifier(response.get("id"))
        return Done(said, calls, used, finish, model, self._request_id, back, name)


def _output_text(output: Sequence[object]) -> str:
    """The answer as the items of the output hold it, for servers that send no pieces."""
    return "".join(
        text(fields(part).get("text"))
        for item in output
        if fields(item).get("type") == "message"
        for part in items(fields(item).get("content"))
    )
