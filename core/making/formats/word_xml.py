"""What python-docx has no call for, written in the words of the file format."""

from __future__ import annotations

from typing import Any, cast

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parser
from docx.oxml.ns import qn


def element(tag: str, **attributes: str) -> Any:
    made = cast("Any", parser).OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def child(parent: Any, tag: str, **attributes: str) -> Any:
    made = element(tag, **attributes)
    parent.append(made)
    return made


def border(properties: Any, side: str, colour: str, *, size: int, space: int) -> None:
    """Of the paragraphs with these properties; `size` in eighths of a point, `space` in points."""
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    lines = element("w:pBdr")
    child(lines, f"w:{side}", val="single", sz=str(size), space=str(space), color=colour)
    insert(properties, lines)


def shade(properties: Any, colour: str) -> None:
    insert(properties, element("w:shd", val="clear", color="auto", fill=colour))


# The schema wants the properties of a paragraph in this order; what is not named comes later.
_BEFORE_LINES = ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr")


def insert(properties: Any, made: Any) -> None:
    place = 0
    for number, present in enumerate(properties, 1):
        if present.tag in {qn(f"w:{name}") for name in (*_BEFORE_LINES, "pBdr")}:
            place = number
    properties.insert(place, made)


def field(run: Any, name: str) -> None:
    """A field that Word fills in, such as PAGE."""
    child(run._r, "w:fldChar", fldCharType="begin")
    child(run._r, "w:instrText").text = name
    child(run._r, "w:fldChar", fldCharType="separate")
    child(run._r, "w:t").text = "1"
    child(run._r, "w:fldChar", fldCharType="end")


def link(paragraph: Any, url: str) -> Any:
    """An element for the runs of a link."""
    relations = paragraph.part.rels
    # Its own way of adding looks through all that are there.
    name = f"rIdLink{len(relations)}"
    relations.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, url, name, is_external=True)
    made = child(paragraph._p, "w:hyperlink")
    made.set(qn("r:id"), name)
    return made
