"""PPTX: slides in the order they are shown, their tables, and the speaker's notes."""

from __future__ import annotations

from pathlib import Path

from core.reading.extract import Extract
from core.reading.markup import attribute, forget, local
from core.reading.nested_tables import NestedTables
from core.reading.package import Package
from core.reading.word import paragraph_text

SLIDES = 500


def read(path: Path, extract: Extract) -> None:
    """Each slide under a heading with its number; notes are quoted."""
    with Package(path) as package:
        main = package.main()
        related = package.related(main)
        slides: list[str] = []
        for event, element in package.elements(main, "sldId"):
            if event == "end":
                kind, name = related.get(_relation(element.attrib), ("", ""))
                if kind == "slide":
                    slides.append(name)
        extract.parts = len(slides)
        extract.whole = len(slides) <= SLIDES
        for number, name in enumerate(slides[:SLIDES], 1):
            extract.add(f"## {number}\n\n")
            for text in _paragraphs(package, name):
                extract.paragraph(text)
            for kind, notes in package.related(name).values():
                if kind == "notesSlide":
                    for text in _paragraphs(package, notes):
                        extract.paragraph(f"> {text}")


def _relation(attributes: dict[str, str]) -> str:
    """`r:id`; a plain `id` beside it means something else."""
    return next((value for key, value in attributes.items() if key.endswith("}id")), "")


def _paragraphs(package: Package, part: str) -> list[str]:
    tables = NestedTables()
    texts: list[str] = []
    for event, element in package.elements(part, "p", "tbl", "tr", "tc", "fld", "Fallback"):
        match local(element), event:
            case "fld", "end":
                # The number of the slide and the date, which a program fills in.
                if (attribute(element, "type") or "").startswith(("slidenum", "datetime")):
                    element.clear()
            case "Fallback", "end":
                element.clear()
            case "p", "end":
                text = paragraph_text(element)
                if tables.inside:
                    tables.add(text)
                else:
                    texts.append(text)
                forget(element)
            case "tbl", "start":
                tables.start_table()
            case "tr", "start":
                tables.start_row()
            case "tc", "start":
                tables.start_cell()
            case "tbl", "end":
                texts.append(tables.end_table())
            case _:
                pass
    return [text for text in texts if text]
