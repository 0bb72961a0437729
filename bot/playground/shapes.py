"""JSON as it comes from outside: checked once here, typed afterwards."""

from __future__ import annotations

from typing import Any, cast

import orjson

Json = dict[str, Any]


def as_object(value: object) -> Json | None:
    return cast(Json, value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any] | None:
    return cast(list[Any], value) if isinstance(value, list) else None


def whole(value: object) -> int:
    """0, which is nobody's id, for anything that is not a whole number."""
    return value if isinstance(value, int) else 0


def parse_object(body: bytes) -> Json | None:
    """None for anything that is not a JSON object; an empty body is an empty object."""
    if not body.strip():
        return {}
    try:
        return as_object(orjson.loads(body))
    except orjson.JSONDecodeError:
        return None
