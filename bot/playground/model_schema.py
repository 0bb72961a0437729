"""Structured answers: the smallest JSON that fits the schema a caller asked for."""

from __future__ import annotations

from typing import Any

import orjson

from bot.playground.shapes import Json, as_list, as_object, whole

DEEPEST = 12
MOST_ITEMS = 10
TEXT_LIMIT = 60


def wanted_schema(body: Json) -> Json | None:
    """The JSON schema of a chat (`response_format`) or responses (`text.format`) request."""
    chat = as_object(body.get("response_format")) or {}
    responses = as_object((as_object(body.get("text")) or {}).get("format")) or {}
    described = as_object(chat.get("json_schema")) or responses
    return as_object(described.get("schema"))


def structured_answer(schema: Json, said: str) -> str:
    """Strings echo what the person said, so that the answer looks alive."""
    words = " ".join(said.split())[:TEXT_LIMIT] or "…"
    return orjson.dumps(_fit(schema, schema, words, 0)).decode()


def _fit(schema: Json, root: Json, words: str, depth: int) -> Any:
    schema = _concrete(schema, root)
    if values := as_list(schema.get("enum")):
        return values[0]
    kind = _kind(schema)
    if kind == "object" and depth < DEEPEST:
        properties = as_object(schema.get("properties")) or {}
        return {
            name: _fit(as_object(inner) or {}, root, words, depth + 1)
            for name, inner in properties.items()
        }
    if kind == "array":
        count = min(whole(schema.get("minItems", 1)), MOST_ITEMS) if depth < DEEPEST else 0
        item = as_object(schema.get("items")) or {}
        return [_fit(item, root, words, depth + 1) for _ in range(count)]
    number = schema.get("minimum", 1)
    simple = {"integer": number, "number": number, "boolean": False, "null": None}
    return schema.get("const", simple.get(kind, words))


def _kind(schema: Json) -> str:
    kinds = as_list(schema.get("type"))
    return str(kinds[0] if kinds else schema.get("type"))


def _concrete(schema: Json, root: Json) -> Json:
    """The schema itself, or the first one it points to or offers."""
    for _ in range(DEEPEST):
        if isinstance(reference := schema.get("$ref"), str):
            schema = _follow(reference, root)
            continue
        options = [as_list(schema.get(name)) for name in ("anyOf", "oneOf", "allOf")]
        first = next((option[0] for option in options if option), None)
        if first is None:
            break
        schema = as_object(first) or {}
    return schema


def _follow(reference: str, root: Json) -> Json:
    found: Json = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = as_object(found.get(step)) or {} if step else found
    return found
