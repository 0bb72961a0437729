"""Arguments of a tool call: prepared words poured into whatever schema the caller gave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from bot.playground.model_schema import DEEPEST, concrete, kinds_of
from bot.playground.shapes import Json, as_list, as_object, whole
from bot.playground.words import words

NEEDS: Mapping[str, frozenset[str]] = {
    "md": frozenset({"content"}),
    "docx": frozenset({"content"}),
    "pdf": frozenset({"content"}),
    "xlsx": frozenset({"tables"}),
    "csv": frozenset({"tables"}),
    "ics": frozenset({"events"}),
    "png": frozenset({"chart"}),
}
SPECIAL = frozenset[str]().union(*NEEDS.values())
SAME: Mapping[str, str] = {
    "filename": "name",
    "file_name": "name",
    "heading": "title",
    "summary": "title",
    "comment": "caption",
    "text": "content",
    "markdown": "content",
    "body": "content",
    "table": "tables",
    "sheets": "tables",
    "header": "columns",
    "headers": "columns",
    "event": "events",
    "calendar": "events",
    "graph": "chart",
    "categories": "labels",
}
_DAY = re.compile(r"\{\+(\d+)\}")


def tool_arguments(schema: Json, wanted: str, language: str) -> str:
    """JSON that fits `schema`; `wanted` is a file format, or empty for a tool of another kind.

    What the format has no use for is null where the schema lets it be, else empty.
    """
    prepared = {**words(language)["document"], "format": wanted}
    filling = _Filling(schema, wanted, prepared)
    return orjson.dumps(filling.fit(schema, "", filling.prepared, 0)).decode()


@dataclass(frozen=True, slots=True)
class _Filling:
    root: Json
    wanted: str
    prepared: Json

    def fit(self, schema: Json, name: str, known: Any, depth: int) -> Any:
        """`known` is the prepared value for this place, None where there is none."""
        kinds = kinds_of(schema, self.root)
        if "null" in kinds and (known is None or self._useless(name)):
            return None
        schema = concrete(schema, self.root, self._suits)
        if (values := as_list(schema.get("enum"))) is not None:
            return next((each for each in (self.wanted, known) if each in values), values[0])
        kinds = kinds_of(schema, self.root)
        if isinstance(known, int | float) and "number" in kinds:
            return known
        match next((kind for kind in kinds if kind != "null"), "string"):
            case "object":
                return self._object(schema, known, depth)
            case "array":
                return self._array(schema, name, known, depth)
            case kind:
                return schema.get("const", self._leaf(kind, schema, name, known))

    def _leaf(self, kind: str, schema: Json, name: str, known: Any) -> Any:
        if kind == "boolean":
            return known is True
        if kind in {"integer", "number"}:
            return known if isinstance(known, int | float) else schema.get("minimum", 1)
        if self._useless(name):
            return ""
        return _dated(str(self.prepared["title"] if known is None else known))

    def _object(self, schema: Json, known: Any, depth: int) -> Json:
        if depth > DEEPEST:
            return {}
        values = as_object(known) or self.prepared
        properties = as_object(schema.get("properties")) or {}
        return {
            key: self.fit(as_object(inner) or {}, key, values.get(SAME.get(key, key)), depth + 1)
            for key, inner in properties.items()
        }

    def _array(self, schema: Json, name: str, known: Any, depth: int) -> list[Any]:
        item = as_object(schema.get("items")) or {}
        values = [] if self._useless(name) else as_list(known) or []
        least = whole(schema.get("minItems", 0))
        values = values[: schema.get("maxItems", len(values))]
        values = [*values, *[None] * (least - len(values))] if depth <= DEEPEST else []
        return [self.fit(item, "", value, depth + 1) for value in values]

    def _useless(self, name: str) -> bool:
        name = SAME.get(name, name)
        return name in SPECIAL and name not in NEEDS.get(self.wanted, SPECIAL)

    def _suits(self, option: Json) -> bool:
        """Of several shapes the one that names the wanted format."""
        inner = (as_object(option.get("properties")) or {}).values()
        places = [option, *(as_object(value) or {} for value in inner)]
        return any(
            self.wanted == place.get("const") or self.wanted in (as_list(place.get("enum")) or [])
            for place in places
        )


def _dated(text: str) -> str:
    """`{+3}` becomes the date three days from now."""
    today = datetime.now(UTC).date()
    return _DAY.sub(lambda found: (today + timedelta(days=int(found[1]))).isoformat(), text)
