"""Lists of a Word document: each counts on its own, ten levels deep at most."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

from core.making.formats.word_xml import child, element

_LEVELS = 9
_STEP, _HANGING = 397, 340
"""Twentieths of a point: 0.7 cm and 0.6 cm."""
_BULLETS = ("•", "–", "◦")
_FIRST_ID = 50


class Numbering:
    def __init__(self, document: Any) -> None:
        self._root = document.part.numbering_part.element
        self._next = _FIRST_ID
        self._bullets = self._kind(_FIRST_ID, bullets=True)
        self._numbers = self._kind(_FIRST_ID + 1, bullets=False)

    def list(self, first: int | None) -> int:
        """The id of a new list; `first` None is one with bullets."""
        number = self._next
        self._next += 1
        made = child(self._root, "w:num", numId=str(number))
        kind = self._bullets if first is None else self._numbers
        child(made, "w:abstractNumId", val=str(kind))
        for level in range(_LEVELS if first is not None else 0):
            override = child(made, "w:lvlOverride", ilvl=str(level))
            child(override, "w:startOverride", val=str(first))
        return number

    def join(self, paragraph: Any, number: int, level: int) -> None:
        """The paragraph begins an item of the list."""
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = min(level, _LEVELS - 1)
        properties.get_or_add_numId().val = number

    def _kind(self, number: int, *, bullets: bool) -> int:
        made = element("w:abstractNum", abstractNumId=str(number))
        child(made, "w:multiLevelType", val="hybridMultilevel")
        for level in range(_LEVELS):
            each = child(made, "w:lvl", ilvl=str(level))
            child(each, "w:start", val="1")
            child(each, "w:numFmt", val="bullet" if bullets else "decimal")
            text = _BULLETS[min(level, 2)] if bullets else f"%{level + 1}."
            child(each, "w:lvlText", val=text)
            child(each, "w:lvlJc", val="left")
            child(child(each, "w:pPr"), "w:ind", left=str(indent(level)), hanging=str(_HANGING))
            look = child(each, "w:rPr")
            if bullets:
                child(look, "w:rFonts", ascii="Calibri", hAnsi="Calibri", cs="Calibri")
            child(look, "w:color", val="2F6F7E")
        self._root.insert(_kinds(self._root), made)
        return number


def indent(level: int) -> int:
    """Of the text of an item, in twentieths of a point."""
    return _STEP * (min(level, _LEVELS - 1) + 1)


def _kinds(root: Any) -> int:
    """The schema wants all kinds before all lists."""
    return len(root.findall(qn("w:abstractNum")))
