"""The isolated job that reads a document, whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.isolated import JobRefused
from core.reading import (
    calendars,
    delimited,
    opendocument,
    pdf,
    plain,
    sheets,
    slides,
    web_pages,
    word,
)
from core.reading.extract import Extract, Full
from core.reading.signatures import format_of

JOBS = ("read",)

_READERS: dict[str, Callable[[Path, Extract], None]] = {
    "pdf": pdf.read,
    "docx": word.read,
    "pptx": slides.read,
    "odt": opendocument.read,
    "odp": opendocument.read,
    "xlsx": sheets.read,
    "xlsb": sheets.read,
    "xls": sheets.read,
    "ods": sheets.read,
    "csv": delimited.read,
    "ics": calendars.read,
    "html": web_pages.read,
    "text": plain.read,
}
"""By `Document.format`."""


def read(arguments: dict[str, Any]) -> dict[str, Any]:
    """`path`; `hint`, an extension or nothing; `mime` or nothing; `seconds` after which reading
    stops with what it has. Refuses with the reasons of `Unread`."""
    path = Path(arguments["path"])
    name = format_of(path, arguments["hint"], arguments["mime"])
    extract = Extract(float(arguments["seconds"]))
    with suppress(Full):
        _READERS[name](path, extract)
    if extract.empty:
        raise JobRefused("no_text")
    return {
        "text": extract.text(),
        "format": name,
        "parts": extract.parts,
        "whole": extract.whole,
    }
