"""PDF by Typst. The text is data for a fixed template: nothing in it can be executed, and the
template reads no file."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import typst

from core.isolated import JobRefused
from core.making.glyphs import (
    characters_of,
    fitted,
    font_folder,
    has_letters,
    lacking,
    our_characters,
)
from core.making.markdown import page_of
from core.making.request import Request
from core.making.scripts import language_of

JOBS = ("make",)

_OURS = ["Libertinus Serif", "DejaVu Sans"]
_REGULAR = 400
_SYSTEM_FONTS = 60


def make(arguments: dict[str, Any]) -> dict[str, Any]:
    request = Request.model_validate(arguments["request"])
    title, content, fonts, families = _dressed(request.title, request.content)
    page = page_of(content, title)
    document = {
        "title": page.title,
        "language": language_of(content, arguments["language"]),
        "families": families,
        "blocks": [asdict(block) for block in page.blocks],
    }
    path = Path(arguments["path"])
    cast("Any", typst).compile(
        files("core.making.formats").joinpath("document.typ").read_bytes(),
        output=path,
        root=path.parent,
        font_paths=fonts,
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
    )
    return {}


def _dressed(title: str, content: str) -> tuple[str, str, typst.Fonts, list[str]]:
    """The words as they can be shown, and the fonts that show them: our own, and of the machine's
    those that have what ours lack."""
    folder = str(font_folder())
    known = our_characters()
    gone = lacking(title + content, known)
    if not gone:
        return title, content, typst.Fonts(include_system_fonts=False, font_paths=[folder]), _OURS
    fonts = typst.Fonts(include_system_fonts=True, font_paths=[folder])
    colours, others, found = _found_among(fonts, {ord(char) for char in gone})
    if has_letters({char for char in gone if ord(char) not in found}):
        raise JobRefused("letters")
    serif, sans = _OURS
    title, content = (
        fitted(text, known | found, joined=bool(colours)) for text in (title, content)
    )
    return title, content, fonts, [serif, *colours, sans, *others]


def _found_among(
    fonts: typst.Fonts, wanted: set[int]
) -> tuple[list[str], list[str], frozenset[int]]:
    """Families of emoji, other families, and the characters that they add."""
    colours: list[str] = []
    others: list[str] = []
    found: set[int] = set()
    files = [font for font in fonts.fonts() if font.path and font.weight == _REGULAR]
    files.sort(key=lambda font: (not font.family.startswith("Noto"), font.family))
    for font in files[:_SYSTEM_FONTS]:
        if font.style != "normal" or not wanted - found or "Resort" in font.family:
            continue
        characters = characters_of(Path(font.path or ""), font.index) & wanted
        if characters - found:
            (colours if "Emoji" in font.family else others).append(font.family)
            found |= characters
    return colours, others, frozenset(found)
