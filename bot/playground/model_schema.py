"""Structured answers: the smallest JSON that fits the schema a caller asked for."""

from __future__ import annotations

from collections.abc import Callable
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
    schema = concrete(schema, root)
    if values := as_list(schema.get("enum")):
        return values[0]
    kind = kinds_of(schema, root)[0]
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


def kinds_of(schema: Json, root: Json, depth: int = 0) -> list[str]:
    """The types a schema allows, those of its options included; at least one name."""
    schema = _followed(schema, root)
    named = as_list(schema.get("type"))
    kinds = [str(kind) for kind in named] if named else [str(schema.get("type"))]
    if depth < DEEPEST:
        for option in as_list(schema.get("anyOf")) or []:
            kinds += kinds_of(as_object(option) or {}, root, depth + 1)
    return kinds


def concrete(
    schema: Json, root: Json, suits: Callable[[Json], bool] = lambda option: False
) -> Json:
    """The schema itself, or the one it points to; of several options one that `suits`, else the
    first that is not null."""
    for _ in range(DEEPEST):
        schema = _followed(schema, root)
        options = [as_list(schema.get(name)) for name in ("anyOf", "oneOf", "allOf")]
        offered = next((option for option in options if option), None)
        if offered is None:
            break
        choices = [_followed(as_object(option) or {}, root) for option in offered]
        solid = [option for option in choices if option.get("type") != "null"] or choices
        schema = next((option for option in solid if suits(option)), solid[0])
    return schema


def _followed(schema: Json, root: Json) -> Json:
    for _ in range(DEEPEST):
        if not isinstance(reference := schema.get("$ref"), str):
            break
        schema = _follow(reference, root)
    return schema


def _follow(reference: str, root: Json) -> Json:
    found: Json = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        found = as_object(found.get(step)) or {} if step else found
    return found
