"""XML and HTML from outside, by lxml: no entities, no network, no documents too deep or too wide.

lxml has no types of its own: elements are `Any`, and stay within the readers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import IO, Any, Protocol

from core.isolated import JobRefused

_etree: Any = importlib.import_module("lxml.etree")


class HtmlTarget(Protocol):
    def start(self, tag: str, attributes: Any) -> None: ...
    def end(self, tag: str) -> None: ...
    def data(self, data: str) -> None: ...
    def comment(self, data: str) -> None: ...
    def close(self) -> None: ...


def elements(stream: IO[bytes], *tags: str) -> Iterator[tuple[str, Any]]:
    """`start` and `end` of the elements with these local names, as they come. Whoever has used an
    element forgets it. Refuses as `broken`."""
    events = _etree.iterparse(
        stream,
        events=("start", "end"),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from events
    except _etree.XMLSyntaxError:
        raise JobRefused("broken") from None


def walk(element: Any) -> Iterator[tuple[str, Any]]:
    """`start` and `end` of the element and all that is in it."""
    yield from _etree.iterwalk(element, events=("start", "end"))


def forget(element: Any) -> None:
    """Free an element that was used, and all that stands before it in its parent."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Any, name: str) -> str | None:
    """An attribute by its local name, whatever its namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def number(text: str | None, default: int, greatest: int) -> int:
    """A whole number of an attribute that may hold anything."""
    plain = text is not None and text.isascii() and text.isdecimal() and len(text) < 10
    return min(int(text or 0), greatest) if plain else default


def feed_html(text: str, target: HtmlTarget, piece: int) -> Iterator[None]:
    """Feed a page to `target`, stopping after every so many bytes. However broken it is, it ends
    without an error; what is too deep is left out."""
    # Python's own HTML parser takes quadratic time on some broken pages; this one does not.
    parser: Any = _etree.HTMLParser(
        target=target, encoding="utf-8", no_network=True, huge_tree=False
    )
    data = text.encode("utf-8", errors="replace")
    try:
        for at in range(0, len(data), piece):
            parser.feed(data[at : at + piece])
            yield
        parser.close()
    except _etree.LxmlError:
        pass
    yield
