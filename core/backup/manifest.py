"""What a backup says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from core.errors import Misconfigured

FORMAT = 1
LONGEST = 4 * 1024 * 1024
"""Bytes of a manifest; its lists are kept short by `TOLD`."""
TOLD = 1000

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAJOR = re.compile(r"\d{1,3}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manifest:
    """`tables` counts rows; `lost` names files that the database knows and the store no longer
    had (the first thousand), `lost_count` counts all of them."""

    made_at: datetime
    bot: str
    postgresql: str
    migrations: list[str]
    tables: dict[str, int]
    database_bytes: int
    dump_parts: int
    dump_bytes: int
    dump_sha256: str
    files: int
    files_bytes: int
    lost: list[str]
    lost_count: int

    def rows(self, table: str) -> int:
        return self.tables.get(f"public.{table}", 0)


def write_manifest(manifest: Manifest) -> bytes:
    fields = asdict(manifest) | {"made_at": manifest.made_at.astimezone(UTC).isoformat()}
    return json.dumps({"format": FORMAT, **fields}, indent=1, ensure_ascii=False).encode()


def parse_manifest(data: bytes) -> Manifest:
    """Raises Misconfigured: nothing in it is taken on trust."""
    try:
        told: object = json.loads(data)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Misconfigured("the backup: its manifest can't be read")
    fields = cast("dict[str, Any]", told)
    if fields.get("format") != FORMAT:
        raise Misconfigured(f"the backup: its format is {fields.get('format')!r}, here is {FORMAT}")
    try:
        return Manifest(
            made_at=_moment(fields["made_at"]),
            bot=_text(fields["bot"]),
            postgresql=_matching(_MAJOR, fields["postgresql"]),
            migrations=_listed(fields["migrations"], _text),
            tables=_counts(fields["tables"]),
            database_bytes=_count(fields["database_bytes"]),
            dump_parts=_count(fields["dump_parts"]),
            dump_bytes=_count(fields["dump_bytes"]),
            dump_sha256=_matching(_SHA256, fields["dump_sha256"]),
            files=_count(fields["files"]),
            files_bytes=_count(fields["files_bytes"]),
            lost=_listed(fields["lost"], _text),
            lost_count=_count(fields["lost_count"]),
        )
    except (LookupError, TypeError, ValueError):
        raise Misconfigured("the backup: its manifest can't be read") from None


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
        raise TypeError
    return value


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not pattern.fullmatch(text := _text(value)):
        raise ValueError
    return text


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise TypeError
    return value


def _counts(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        raise TypeError
    pairs = cast("dict[object, object]", value)
    return {_text(name): _count(count) for name, count in pairs.items()}


def _listed(value: object, each: Callable[[object], T]) -> list[T]:
    if not isinstance(value, list):
        raise TypeError
    return [each(item) for item in cast("list[object]", value)]
