"""An answer's Markdown as words to be read aloud."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyromark.event import Event, Range

_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image", "TableCell"})
_MARKS = {"Emphasis": 1, "Strong": 2}
_NUMBER = re.compile(rb"\d{1,9}")
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>«»\"]*[^\s<>«»\".,;:!?)\]}*_]", re.IGNORECASE)
_BEFORE_HOST = re.compile(r"^(?:https?://)?(?:[^/?#]*@)?(?:www\.)?", re.IGNORECASE)
_ARROW = re.compile(r"\s*(?:[\u2190-\u21ff\u27a1]\ufe0f?|[-=]{1,2}>)\s*")
_SILENT = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u231a\u231b\u2328"
    "\u23cf\u23e9-\u23fa\u24c2\u25a0-\u25ff\u2934\u2935\u3030\u303d\u3297\u3299"
    "\u200b-\u200f\u2060\u20e3\ufe0e\ufe0f\ufeff\U000e0020-\U000e007f]"
)
# Marks without a partner, and those that mean something to the eye alone.
_STRAY = re.compile(
    r"(?<!\d)\*{2,}|\*{2,}(?!\d)|_{2,}|~{2,}|[`|•]|(?<![\w#*_])[#*_]+(?=\w)|(?<=\w)[*_]+(?![\w*_])"
)
_BEFORE_SIGN = re.compile(r"\s+(?=[,.;:!?…»](?!\w))")
_ENDS = ".!?…:;"
_AFTER_END = "»\"')]”"


def spoken_text(markdown: str) -> str:
    """Sentences without marks, one line for each paragraph, heading, list item and table row.

    Blocks of code are left out, addresses become their hosts, emoji are silent. Empty where
    nothing is left to say.
    """
    import pyromark

    options = (
        pyromark.Options.ENABLE_TABLES
        | pyromark.Options.ENABLE_STRIKETHROUGH
        | pyromark.Options.ENABLE_TASKLISTS
    )
    speech = _Speech(markdown.encode("utf-8", "ignore"))
    for event, place in pyromark.events_with_range(speech.source.decode(), options=options):
        speech.take(event, place)
    speech.end_line()
    return "\n".join(speech.lines)


class _Speech:
    """Takes a parser's events in order and keeps the lines to be said."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.lines: list[str] = []
        self._line: list[str] = []
        self._marker = ""
        self._in_code = False

    def take(self, event: Event, place: Range) -> None:
        match event:
            case {"Text": text} if not self._in_code:
                self._line.append(text)
            case {"Code": text}:
                self._line.append(text)
            case {"Html": text}:
                self._line.append(_TAG.sub(" ", text))
            case "SoftBreak" | "HardBreak":
                self._line.append(" ")
            case {"Start": tag}:
                self._start(tag if isinstance(tag, str) else next(iter(tag)), place)
            case {"End": tag}:
                self._end(tag if isinstance(tag, str) else next(iter(tag)), place)
            case _:
                pass

    def _start(self, tag: str, place: Range) -> None:
        if tag in _INLINE:
            self._multiply(place["start"], _MARKS.get(tag, 0))
            return
        self.end_line()
        self._in_code = tag == "CodeBlock"
        if tag == "Item":
            number = _NUMBER.match(self.source, place["start"])
            self._marker = number[0].decode() + ". " if number else ""

    def _end(self, tag: str, place: Range) -> None:
        if tag == "TableCell":
            self._line.append(", ")
        if tag in _INLINE:
            marks = _MARKS.get(tag, 0)
            self._multiply(place["end"] - marks, marks)
            return
        self.end_line()
        self._in_code = False
        if tag == "Item":
            self._marker = ""

    def _multiply(self, at: int, marks: int) -> None:
        """Between digits a mark is no mark: 2*3*4."""
        around = self.source[at - 1 : at] + self.source[at + marks : at + marks + 1]
        if marks and len(around) == 2 and around.isdigit():
            self._line.append(self.source[at : at + marks].decode())

    def end_line(self) -> None:
        line = _tidy("".join(self._line))
        self._line.clear()
        if line:
            self.lines.append(self._marker + line)
            self._marker = ""


def _tidy(line: str) -> str:
    line = _ADDRESS.sub(lambda found: _host(found[0]), line)
    line = _ARROW.sub(" — ", line)
    line = _STRAY.sub("", _SILENT.sub("", line))
    line = _BEFORE_SIGN.sub("", " ".join(line.split())).strip(" ,—")
    if not any(map(str.isalnum, line)):
        return ""
    return line if line.rstrip(_AFTER_END)[-1:] in _ENDS else f"{line}."


def _host(address: str) -> str:
    return re.split(r"[/?#:]", _BEFORE_HOST.sub("", address), maxsplit=1)[0]
