"""Markdown as the model wrote it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from core.making.request import Request

JOBS = ("make",)

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*(?:\n|$)")


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    """The text stands under its title, unless it begins with one of its own."""
    request = Request.model_validate(arguments["request"])
    text = request.content.strip("\n").rstrip()
    first = _HEADING.match(text)
    titled = first is not None and (first[1] == "#" or first[2].split() == request.title.split())
    if request.title and not titled:
        text = f"# {request.title}\n\n{text}"
    Path(arguments["path"]).write_text(text + "\n", encoding="utf-8", newline="\n")
    return {}
