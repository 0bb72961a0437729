"""Tools in a request: their schemas, and calls that must match their results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.playground.model_refusals import ModelRefusal, invalid, missing
from bot.playground.shapes import Json, as_list, as_object

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
NOT_STRICT = (
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "patternProperties",
)
DEEPEST = 10
MOST_TOOLS = 128


def read_tools(body: Json, *, nested: bool) -> dict[str, Json]:
    """Parameter schemas by name. `nested`: Chat Completions put a tool under `function`."""
    tools = as_list(body.get("tools")) or []
    if len(tools) > MOST_TOOLS:
        raise ModelRefusal(400, f"At most {MOST_TOOLS} tools are allowed.", param="tools")
    schemas: dict[str, Json] = {}
    for at, item in enumerate(tools):
        where = f"tools[{at}]"
        tool = as_object(item) or {}
        if tool.get("type") != "function":
            raise missing(f"{where}.type") if "type" not in tool else invalid(f"{where}.type")
        if nested:
            where = f"{where}.function"
            tool = as_object(tool.get("function")) or {}
        name = tool.get("name")
        if name is None:
            raise missing(f"{where}.name")
        if not isinstance(name, str) or not NAME.fullmatch(name) or name in schemas:
            raise invalid(f"{where}.name")
        schema = as_object(tool.get("parameters")) or {}
        if tool.get("strict") is True:
            _check_strict(schema, name, f"{where}.parameters")
        schemas[name] = schema
    return schemas


def read_choice(body: Json, names: Mapping[str, Json]) -> str:
    """`auto`, `none`, `required`, or the name of the one tool that must be called."""
    choice = body.get("tool_choice") or "auto"
    if (described := as_object(choice)) is not None:
        function = as_object(described.get("function")) or described
        choice = function.get("name")
        if not isinstance(choice, str) or choice not in names:
            raise invalid("tool_choice")
        return choice
    if choice not in {"auto", "none", "required"}:
        raise invalid("tool_choice")
    return choice


def pair_chat(messages: Sequence[Json]) -> None:
    """Every call is answered right after it, and nothing else is."""
    waiting: set[str] = set()
    for at, message in enumerate(messages):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                raise ModelRefusal(
                    400,
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'.",
                    param=f"messages.[{at}].role",
                )
            waiting.discard(message["tool_call_id"])
            continue
        _answered(waiting, at)
        waiting = {_call_id(call, at) for call in as_list(message.get("tool_calls")) or []}
    _answered(waiting, len(messages))


def pair_responses(items: Sequence[Json]) -> None:
    waiting: set[str] = set()
    known: set[str] = set()
    for at, item in enumerate(items):
        kind = item.get("type", "message")
        if kind == "function_call":
            for name in ("call_id", "name", "arguments"):
                if not isinstance(item.get(name), str):
                    raise missing(f"input[{at}].{name}")
            waiting.add(item["call_id"])
            known.add(item["call_id"])
        elif kind == "function_call_output":
            call_id = item.get("call_id")
            if not isinstance(call_id, str) or call_id not in known:
                raise ModelRefusal(
                    400,
                    f"No tool call found for function call output with call_id {call_id}.",
                    param="input",
                )
            if not isinstance(item.get("output"), str | list):
                raise missing(f"input[{at}].output")
            waiting.discard(call_id)
    if waiting:
        raise ModelRefusal(
            400, f"No tool output found for function call {sorted(waiting)[0]}.", param="input"
        )


def _call_id(item: object, at: int) -> str:
    call = as_object(item) or {}
    function = as_object(call.get("function")) or {}
    for place, value in (
        ("id", call.get("id")),
        ("function.name", function.get("name")),
        ("function.arguments", function.get("arguments")),
    ):
        if not isinstance(value, str):
            raise missing(f"messages[{at}].tool_calls[0].{place}")
    return str(call["id"])


def _answered(waiting: set[str], at: int) -> None:
    if waiting:
        raise ModelRefusal(
            400,
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(sorted(waiting))}",
            param=f"messages.[{at}].role",
        )


def _check_strict(schema: Json, name: str, where: str) -> None:
    if schema.get("type") != "object":
        raise _bad_schema(name, where, (), "schema must be a JSON Schema of 'type: \"object\"'")
    queue: list[tuple[Json, tuple[str, ...]]] = [(schema, ())]
    definitions = as_object(schema.get("$defs")) or {}
    queue += [(as_object(inner) or {}, ("$defs", key)) for key, inner in definitions.items()]
    while queue:
        part, place = queue.pop()
        for keyword in NOT_STRICT:
            if keyword in part:
                raise _bad_schema(name, where, place, f"'{keyword}' is not permitted")
        if not part.keys() & {"type", "anyOf", "$ref", "enum", "const"}:
            raise _bad_schema(name, where, place, "schema must have a 'type' key")
        if len(place) > 2 * DEEPEST:
            raise _bad_schema(name, where, place, f"more than {DEEPEST} levels of nesting")
        properties = as_object(part.get("properties"))
        if "object" in (as_list(part.get("type")) or [part.get("type")]):
            _check_object(part, properties or {}, name, where, place)
        inner = [("properties", key, value) for key, value in (properties or {}).items()]
        inner += [("anyOf", str(n), v) for n, v in enumerate(as_list(part.get("anyOf")) or [])]
        inner += [("items", "", part["items"])] if "items" in part else []
        queue += [(as_object(value) or {}, (*place, step, key)) for step, key, value in inner]


def _check_object(
    part: Json, properties: Json, name: str, where: str, place: tuple[str, ...]
) -> None:
    if part.get("additionalProperties") is not False:
        raise _bad_schema(
            name,
            where,
            place,
            "'additionalProperties' is required to be supplied and to be false",
        )
    required = as_list(part.get("required")) or []
    if left_out := [key for key in properties if key not in required]:
        raise _bad_schema(
            name,
            where,
            place,
            "'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{left_out[0]}'",
        )


def _bad_schema(name: str, where: str, place: tuple[str, ...], what: str) -> ModelRefusal:
    return ModelRefusal(
        400,
        f"Invalid schema for function '{name}': In context={place}, {what}.",
        param=where,
        code="invalid_function_parameters",
    )
