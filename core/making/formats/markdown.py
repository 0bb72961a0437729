"""Markdown as the model wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.making.markdown import page_of
from core.making.request import Request

JOBS = ("make",)


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    """The text stands under its title, unless it begins with one of its own."""
    request = Request.model_validate(arguments["request"])
    text = request.content.strip("\n").rstrip()
    page = page_of(text, request.title)
    if page.title and not page.titled:
        text = f"# {page.title}\n\n{text}"
    Path(arguments["path"]).write_text(text + "\n", encoding="utf-8", newline="\n")
    return {}
