"""`create_document`: the model's call becomes a file, made in a process of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.isolated import Isolated, JobFailed, JobRefused, Limits
from core.llm import Tool
from core.llm.prompts import prompt
from core.making import MadeFile, NotMade
from core.making.refusals import FAILURES, REFUSALS

log = logging.getLogger(__name__)

NAME = "create_document"
ARGUMENT_CHARACTERS = 1_000_000
CAPTION_CHARACTERS = 900
FILE_BYTES = 20_000_000
LIMITS = Limits(seconds=60.0, megabytes=768)


@dataclass(frozen=True, slots=True)
class _Kind:
    module: str
    mime: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
_KINDS: Mapping[str, _Kind] = {
    "md": _Kind("markdown", "text/markdown"),
    "docx": _Kind("word", f"{_OFFICE}.wordprocessingml.document"),
    "pdf": _Kind("pdf", "application/pdf"),
    "xlsx": _Kind("workbook", f"{_OFFICE}.spreadsheetml.sheet"),
    "csv": _Kind("separated", "text/csv"),
    "ics": _Kind("calendar", "text/calendar"),
    "png": _Kind("chart", "image/png"),
}


class DocumentMaker:
    """See core.making.Maker."""

    def __init__(self, isolated: Isolated) -> None:
        self._isolated = isolated

    def tool(self, language: str) -> Tool:
        """The same bytes every time, so that servers can cache the prompt they begin."""
        return Tool(NAME, prompt(NAME, language), _schema())

    async def make(self, arguments: str, folder: Path, *, language: str, zone: tzinfo) -> MadeFile:
        request, name, caption = _checked(arguments)
        kind = _KINDS[request["format"]]
        path = folder / f"{uuid.uuid4().hex}.{request['format']}"
        job = f"core.making.formats.{kind.module}:make"
        order = {"request": request, "path": str(path), "language": language, "zone": _name(zone)}
        try:
            await self._isolated.run(job, order, LIMITS)
        except JobRefused as refused:
            raise NotMade(REFUSALS.get(refused.reason, FAILURES["crash"])) from None
        except JobFailed as failed:
            log.warning("a %s was not made: %s", request["format"], failed.failure)
            raise NotMade(FAILURES[failed.failure]) from None
        if not 0 < await asyncio.to_thread(_size, path) <= FILE_BYTES:
            raise NotMade(FAILURES["memory"])
        return MadeFile(path, name, kind.mime, caption)


def _checked(arguments: str) -> tuple[dict[str, Any], str, str]:
    """What the job is to be told, the file's name and its caption. Raises `NotMade`."""
    # The models of the arguments take a while to build: not before somebody wants a file.
    from pydantic import ValidationError

    from core.making.names import file_name
    from core.making.refusals import wrong_arguments
    from core.making.request import Request

    if len(arguments) > ARGUMENT_CHARACTERS:
        raise NotMade(f"No file was made. More than {ARGUMENT_CHARACTERS} characters of arguments.")
    try:
        request = Request.model_validate(json.loads(arguments))
    except ValidationError as error:
        raise NotMade(wrong_arguments(error)) from None
    except (ValueError, RecursionError):
        raise NotMade("No file was made. The arguments are not valid JSON.") from None
    name = file_name(request.name, request.format) or file_name(request.title, request.format)
    if name is None:
        raise NotMade("No file was made. name: give the file a name in words.")
    caption = request.caption.strip()
    if len(caption) > CAPTION_CHARACTERS:
        caption = caption[: CAPTION_CHARACTERS - 1].rstrip() + "…"
    return request.model_dump(mode="json", exclude={"name", "caption"}), name, caption


@cache
def _schema() -> dict[str, Any]:
    text = files("core").joinpath("prompts", f"{NAME}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _name(zone: tzinfo) -> str:
    """An IANA name or ±HH:MM, by which the job finds the zone again."""
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    offset = datetime.now(UTC).astimezone(zone).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
