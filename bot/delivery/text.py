"""The model's Markdown as Telegram messages: plain text with entities, in pieces that fit.

Entities instead of a `parse_mode`: broken markup can never cost the person the answer.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass

from aiogram.types import MessageEntity

from bot.delivery.markdown import parse
from bot.delivery.pages import excerpt, paginate, units
from bot.delivery.rich import Rich, Span

log = logging.getLogger(__name__)

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024
MAX_ENTITIES = 100
PLAIN_ABOVE = 200_000
"""Longer sources are shown as they are: formatting them would hold up everybody else."""

_TAIL = 3072
_STEP = 1024
"""A long preview begins at a place that moves once in so many characters, so as not to flicker."""

_CONTROL = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_CLEAN = {**_CONTROL, 0x2028: "\n", 0x2029: "\n"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)[^\n]*\n?", re.MULTILINE)
_HALF_LINE = re.compile(r"(?:^|\n)[ \t]*(?:[-=+*_>#|~]+|\d+[.)])[ \t]*\Z")
_HALF_LINK = re.compile(r"!?\[([^\[\]\n]*)(?:\]\([^()\s]*)?\Z")
_HALF_MARK = re.compile(r"(?:\A|(?<=\s))[*_~`\\]+[ \t]*\Z")
_MARKS = ("**", "~~", "`", "*")


@dataclass(frozen=True, slots=True)
class Piece:
    """One message: send with `parse_mode=None`, or Telegram ignores the entities."""

    text: str
    entities: list[MessageEntity]


def render(markdown: str, limit: int = MESSAGE_UNITS) -> list[Piece]:
    """Never raises, loses no visible text, gives no blank piece (so nothing at all for blank text).

    `limit` is in UTF-16 code units, as are the entities' offsets.
    """
    source = _clean(markdown)
    rich = _parsed(source)
    return [_piece(page) for page in paginate(rich, limit, MAX_ENTITIES) if not is_blank(page.text)]


def as_it_is(text: str, limit: int = MESSAGE_UNITS) -> list[str]:
    """Pieces that fit of text that is no Markdown; no piece is blank."""
    pages = paginate(Rich(_clean(text)), limit, MAX_ENTITIES)
    return [page.text for page in pages if not is_blank(page.text)]


def preview(markdown: str) -> Piece:
    """The end of an answer that is still being written; the text is "" if nothing is visible yet.

    Costs the same for any length. Markup that is not closed yet is shown as if it were.
    """
    rich = _parsed(_closed(_clean(_tail(markdown))))
    start = 0
    while (excess := units(rich.text[start:]) - MESSAGE_UNITS) > 0:
        start += (excess + 1) // 2
    if start:
        start = max(start, rich.text.find("\n", start, start + _STEP) + 1)
    page = excerpt(rich.text, start, len(rich.text), [s for s in rich.spans if s.end > start])
    if is_blank(page.text):
        return Piece("", [])
    return _piece(Rich(page.text, page.spans[-MAX_ENTITIES:]))


def warm() -> None:
    """Pay the first use (imports, tables of the parser) before somebody waits for it."""
    render("# a\n\n- **b** `c` [d](https://e.f)\n\n| g | h |\n|---|---|\n| i | j |\n\n```\nk\n```")


def is_blank(text: str) -> bool:
    """Whether Telegram would call it empty: nothing but spaces and invisible characters."""
    return all(unicodedata.category(char)[0] in "ZC" for char in text)


def _parsed(source: str) -> Rich:
    if len(source) <= PLAIN_ABOVE:
        try:
            rich = parse(source)
        except Exception:
            log.warning("formatting failed, showing the source", exc_info=True)
        else:
            if not is_blank(rich.text):
                return rich
    return Rich(source)


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)
    return _SURROGATE.sub("\ufffd", text)


def _piece(page: Rich) -> Piece:
    """Telegram counts in UTF-16 units: everything outside the first plane is two of them."""
    if page.text.isascii():
        wide = list[int]()
    else:
        wide = [place for place, char in enumerate(page.text) if char > "\uffff"]
    entities = [_entity(span, wide) for span in page.spans]
    return Piece(page.text, entities)


def _entity(span: Span, wide: list[int]) -> MessageEntity:
    offset = span.start + bisect_left(wide, span.start)
    return MessageEntity(
        type=span.kind,
        offset=offset,
        length=span.end + bisect_left(wide, span.end) - offset,
        url=span.extra if span.kind == "text_link" else None,
        language=(span.extra or None) if span.kind == "pre" else None,
    )


def _tail(markdown: str) -> str:
    """What a preview is made of: from a paragraph on, inside a code block with its fence."""
    if len(markdown) <= _TAIL + _STEP:
        return markdown
    start = (len(markdown) - _TAIL) // _STEP * _STEP
    for stop in ("\n\n", "\n", " "):
        found = markdown.find(stop, start, start + _STEP)
        if found >= 0:
            start = found + len(stop)
            break
    fences = _FENCE.findall(markdown, 0, start) if "```" in markdown or "~~~" in markdown else []
    return (fences[-1] if len(fences) % 2 else "") + markdown[start:]


def _closed(source: str) -> str:
    """Take away markup that has only begun, close what is open on the last line."""
    if len(_FENCE.findall(source)) % 2:
        return source
    source = _HALF_LINE.sub("", source)
    source = _HALF_MARK.sub("", source)
    source = _HALF_LINK.sub(r"\1", source).rstrip()
    line = source[source.rfind("\n") + 1 :]
    if line.count("**") % 2 and re.search(r"[^*]\*\Z", line):
        source, line = source[:-1], line[:-1]
    opened = list[tuple[int, str]]()
    for mark in _MARKS:
        alone = line.replace("**", "\0\0") if mark == "*" else line
        if alone.count(mark) % 2 and alone[alone.rfind(mark) + len(mark) :][:1].strip():
            opened.append((alone.rfind(mark), mark))
    return source + "".join(mark for _, mark in sorted(opened, reverse=True))
