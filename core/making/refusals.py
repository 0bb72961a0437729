"""What the model is told when a file could not be made, so that it can do better."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from core.isolated import Failure

_SHOWN = 5

REFUSALS: Mapping[str, str] = {
    "letters": "The text has letters that this format has no font for. Make a docx instead.",
    "wide_table": "A table has more than 12 columns, too many for a page. Make an xlsx of it.",
    "many_cells": "The tables have too many cells for a page. Make an xlsx of them.",
}
FAILURES: Mapping[Failure, str] = {
    "memory": "The file would be too large to make. Shorten it or divide it in two.",
    "time": "The file takes too long to make. Shorten it or divide it in two.",
    "crash": "The file could not be made. Try simpler content or another format.",
}


def wrong_arguments(error: ValidationError) -> str:
    """Every place with what is wrong there, without the words that stand there."""
    lines: list[str] = []
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        place = ".".join(map(str, each["loc"]))
        what = each["msg"].removeprefix("Value error, ")
        lines.append(f"{place}: {what}" if place else what)
    more = f" And {len(lines) - _SHOWN} more." if len(lines) > _SHOWN else ""
    return f"No file was made. {'; '.join(lines[:_SHOWN])}.{more}"
