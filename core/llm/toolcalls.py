"""Tool calls as servers write them: in fragments, badly numbered, without ids, as broken JSON."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from core.llm import ToolCall
from core.llm.wire import Fields, fields, text

_OF_A_CALL = frozenset({"index", "id", "type", "function"})


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])
    extras: dict[str, Any] = field(default_factory=dict[str, Any])


class FragmentedCalls:
    """Puts together the `tool_calls` of a chat's deltas, or of a whole message."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}

    def add(self, fragment: Fields) -> None:
        function = fields(fragment.get("function"))
        index, given, name = fragment.get("index"), text(fragment.get("id")), function.get("name")
        call = self._running(index, given, text(name))
        call.id = call.id or given
        call.name = call.name or text(name)
        call.arguments.append(_written(function.get("arguments")))
        call.extras.update({k: v for k, v in fragment.items() if k not in _OF_A_CALL})

    def _running(self, index: object, given: str, name: str) -> _Call:
        """The call that a fragment belongs to; some servers number every call 0, or none."""
        if isinstance(index, int):
            call = self._by_index.get(index)
            begins = call is None or bool(given and call.id and given != call.id)
        else:
            call = self._calls[-1] if self._calls else None
            begins = call is None or (given != call.id if given else bool(name))
        if call is None or begins:
            call = _Call()
            self._calls.append(call)
            if isinstance(index, int):
                self._by_index[index] = call
        return call

    def ended(self) -> tuple[tuple[ToolCall, ...], list[dict[str, Any]]]:
        """The calls, and the same as the server wants to see them again.

        What the server added of its own (Gemini signs its calls) is kept: it refuses to go on
        without it.
        """
        calls: list[ToolCall] = []
        repeated: list[dict[str, Any]] = []
        taken: set[str] = set()
        for heard in self._calls:
            if not heard.name:
                continue
            unique = heard.id if heard.id and heard.id not in taken else made_id()
            taken.add(unique)
            call = ToolCall(unique, heard.name, _filled("".join(heard.arguments)))
            calls.append(call)
            repeated.append({**heard.extras, **chat_call(call)})
        return tuple(calls), repeated


def calls_of_items(output: Iterable[object]) -> tuple[tuple[ToolCall, ...], list[Fields]]:
    """The calls among the output items of a response, and all items, fit to be handed back."""
    calls: list[ToolCall] = []
    kept: list[Fields] = []
    for item in map(fields, output):
        if item.get("type") != "function_call":
            kept.append(item)
        elif name := text(item.get("name")):
            unique = text(item.get("call_id")) or text(item.get("id")) or made_id()
            call = ToolCall(unique, name, _filled(_written(item.get("arguments"))))
            calls.append(call)
            told = {"call_id": unique, "arguments": sendable(call.arguments)}
            kept.append(item if told.items() <= item.items() else {**item, **told})
    return tuple(calls), kept


def chat_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": sendable(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def sendable(arguments: str) -> str:
    """The arguments, or `{}` where they are no JSON object: servers that read what they are sent
    back answer such a mistake of the model with an error for every further request."""
    try:
        valid = isinstance(orjson.loads(arguments), dict)
    except orjson.JSONDecodeError:
        valid = False
    return arguments if valid else "{}"


def made_id() -> str:
    # Nine letters and digits: Mistral's templates take nothing else.
    return secrets.token_hex(5)[:9]


def _filled(arguments: str) -> str:
    """A call of something that takes nothing may come without any."""
    return arguments if arguments.strip() else "{}"


def _written(arguments: object) -> str:
    if isinstance(arguments, Mapping):
        return orjson.dumps(dict(cast("Mapping[str, Any]", arguments))).decode()
    return text(arguments) if isinstance(arguments, str) else ""
