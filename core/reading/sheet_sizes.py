"""How big the sheets of a workbook would get in memory, known before they are opened.

The library holds a sheet as one rectangle of cells, so two cells far apart make a huge one.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from core.isolated import JobRefused
from core.reading.markup import attribute, forget, local, number
from core.reading.package import Package

CELLS = 4_000_000

# A cell that has something inside: formatted ones without a value end with "/>".
_CELL = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,20})["'][^<>]*(?<!/)>""")
# How many strings or styles follow: memory is taken for them before the first is seen.
_COUNT = re.compile(rb"""\b(?:uniqueCount|count)=["']0*[1-9][0-9]{7}""")
_OVERLAP = 256
_MANY = 10**9
_ODS = "content.xml"
_ODS_CELLS = ("table-cell", "covered-table-cell")


def check(path: Path) -> None:
    """Refuses as `heavy`. XLS is no package, and never has more than 65,536 rows of 256 cells."""
    if not zipfile.is_zipfile(path):
        return
    with Package(path) as package:
        part, tail, right, bottom = "", b"", 0, 0
        for name, piece in package.unpacked(".xml", ".rels", ".bin"):
            if name != part:
                part, tail, right, bottom = name, b"", 0, 0
            if _COUNT.search(tail + piece):
                raise JobRefused("heavy")
            for column, row in _CELL.findall(tail + piece):
                right = max(right, _column(column))
                bottom = max(bottom, int(row))
            if right * bottom > CELLS:
                raise JobRefused("heavy")
            tail = piece[-_OVERLAP:]
        if _ODS in package.names:
            _check_ods(package)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_ods(package: Package) -> None:
    columns = last = right = rows = bottom = 0
    for event, element in package.elements(_ODS, "table", "table-row", *_ODS_CELLS):
        match local(element), event:
            case "table", "start":
                right = rows = bottom = 0
            case "table-row", "start":
                columns = last = 0
            case "table-row", "end":
                rows += number(attribute(element, "number-rows-repeated"), 1, _MANY)
                if last:
                    right, bottom = max(right, last), rows
                if right * bottom > CELLS:
                    raise JobRefused("heavy")
                forget(element)
            case _, "end":
                columns += number(attribute(element, "number-columns-repeated"), 1, _MANY)
                if len(element) or attribute(element, "value-type"):
                    last = columns
            case _:
                pass
