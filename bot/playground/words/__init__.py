"""Prepared words: data files, so that no user-visible string stands in code."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson


@cache
def words(name: str) -> dict[str, Any]:
    return orjson.loads((Path(__file__).parent / f"{name}.json").read_bytes())
