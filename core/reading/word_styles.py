"""Which paragraphs of a DOCX are headings or items of lists: its styles and numbering."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.reading.markup import attribute, forget, local, number
from core.reading.package import Package

_CHAIN = 16
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class _Look:
    """What a style or a paragraph itself says; None where it says nothing. `heading` counts from
    0, as OOXML does; 9 is plain text. `list` 0 is no list."""

    heading: int | None = None
    list: str | None = None
    level: int | None = None
    parent: str | None = None


class WordStyles:
    def __init__(self, package: Package, main: str) -> None:
        parts = dict(package.related(main).values())
        self._styles: dict[str, _Look] = {}
        if "styles" in parts:
            for element in _ends(package, parts["styles"], "style"):
                self._styles[attribute(element, "styleId") or ""] = _style(element)
        self._bullets: dict[tuple[str, int], bool] = {}
        if "numbering" in parts:
            self._read_numbering(package, parts["numbering"])
        self._counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (_DEEPEST + 1))

    def prefix(self, paragraph: Any) -> str:
        """What Markdown puts before the paragraph. Counts the items of numbered lists, so ask
        once for each, in their order."""
        look = self._look(_own_look(paragraph))
        if look.heading is not None and look.heading < 9:
            return "#" * min(look.heading + 1, 6) + " "
        if look.list is None or look.list == "0":
            return ""
        level = min(max(look.level or 0, 0), _DEEPEST)
        counts = self._counts[look.list]
        counts[level] += 1
        counts[level + 1 :] = [0] * (_DEEPEST - level)
        bullet = self._bullets.get((look.list, level), True)
        return "  " * level + ("- " if bullet else f"{counts[level]}. ")

    def _look(self, look: _Look) -> _Look:
        heading, list_, level = look.heading, look.list, look.level
        for _ in range(_CHAIN):
            above = self._styles.get(look.parent or "")
            if above is None:
                break
            look = above
            heading = look.heading if heading is None else heading
            level = look.level if level is None else level
            list_ = look.list if list_ is None else list_
        return _Look(heading, list_, level)

    def _read_numbering(self, package: Package, name: str) -> None:
        abstract: dict[str, dict[int, bool]] = {}
        for element in _ends(package, name, "abstractNum", "num"):
            if local(element) == "abstractNum":
                abstract[attribute(element, "abstractNumId") or ""] = dict(_levels(element))
                continue
            for child in element:
                if local(child) == "abstractNumId":
                    for level, bullet in abstract.get(attribute(child, "val") or "", {}).items():
                        self._bullets[attribute(element, "numId") or "", level] = bullet


def _ends(package: Package, part: str, *tags: str) -> Iterator[Any]:
    for event, element in package.elements(part, *tags):
        if event == "end":
            yield element
            forget(element)


def _style(element: Any) -> _Look:
    look = _own_look(element)
    name = ""
    for child in element:
        if local(child) == "name":
            name = (attribute(child, "val") or "").lower()
    heading = look.heading
    if heading is None and name.startswith("heading ") and name[8:].isdecimal():
        heading = min(int(name[8:9]) - 1, 8)
    elif heading is None and name == "title":
        heading = 0
    return _Look(heading, look.list, look.level, look.parent)


def _own_look(element: Any) -> _Look:
    """Of a style or of a paragraph: both have `pPr`, and name what they are based on."""
    found: dict[str, str | None] = {}
    for child in element:
        if local(child) == "basedOn":
            found["parent"] = attribute(child, "val")
        elif local(child) == "pPr":
            for item in child.iter("{*}outlineLvl", "{*}numId", "{*}ilvl", "{*}pStyle"):
                found.setdefault(local(item), attribute(item, "val"))
    return _Look(
        _known(found.get("outlineLvl")),
        found.get("numId"),
        _known(found.get("ilvl")),
        found.get("pStyle") or found.get("parent"),
    )


def _levels(abstract: Any) -> Iterator[tuple[int, bool]]:
    for element in abstract:
        if local(element) == "lvl":
            form = next(
                (attribute(child, "val") for child in element if local(child) == "numFmt"), None
            )
            yield number(attribute(element, "ilvl"), 0, _DEEPEST), form in {None, "bullet", "none"}


def _known(text: str | None) -> int | None:
    return None if text is None else number(text, 0, 9)
