"""Text with formatting, counted in characters of Python; Telegram's units come at the very end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["bold", "italic", "strikethrough", "code", "pre", "text_link", "blockquote"]

BLOCKS: frozenset[Kind] = frozenset({"pre", "blockquote"})


@dataclass(frozen=True, slots=True)
class Span:
    """`extra` is the address of a link or the language of a code block."""

    kind: Kind
    start: int
    end: int
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Rich:
    """`headings` are the ends of headings: a page must not break right after one."""

    text: str
    spans: tuple[Span, ...] = ()
    headings: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Open:
    kind: Kind | None
    extra: str = ""
    start: int | None = None


@dataclass(slots=True)
class Writer:
    """Builds a `Rich`. Gaps, list markers and openings wait for the first text that follows them.

    So nothing is ever opened around an empty place, and no line break is left at the end.
    """

    length: int = 0
    _parts: list[str] = field(default_factory=list[str])
    _spans: list[Span] = field(default_factory=list[Span])
    _headings: set[int] = field(default_factory=set[int])
    _open: list[_Open] = field(default_factory=list[_Open])
    _waiting: list[_Open | str] = field(default_factory=list["_Open | str"])
    _gap: int = 0
    _marker_waits: bool = False

    def gap(self, lines: int) -> None:
        """At least so many line breaks before what comes next, none between marker and text."""
        if not self._marker_waits:
            self._gap = max(self._gap, lines)

    def line_break(self) -> None:
        if not self._marker_waits:
            self._gap += 1

    def marker(self, text: str, replace: bool = False) -> None:
        if replace and self._marker_waits:
            self._waiting = [text if isinstance(item, str) else item for item in self._waiting]
        else:
            self._waiting.append(text)
            self._marker_waits = True

    def write(self, text: str) -> None:
        if not text:
            return
        self._settle()
        self._put(text)

    def open(self, kind: Kind | None, extra: str = "") -> None:
        """Begin a span; `close` ends the newest. None, or a kind already open, is no span."""
        if kind and self.is_open(kind):
            kind = None
        scope = _Open(kind, extra)
        self._open.append(scope)
        self._waiting.append(scope)

    def is_open(self, kind: Kind) -> bool:
        return any(scope.kind == kind for scope in self._open)

    def close(self) -> bool:
        """True if there was something in the span."""
        scope = self._open.pop()
        if scope.start is None:
            self._waiting = [item for item in self._waiting if item is not scope]
            return False
        self._end(scope)
        return True

    def code(self, text: str) -> None:
        """Inline code. Telegram lets no other span around it: those that are open step aside."""
        if not text:
            return
        self._settle()
        if self.is_open("text_link"):
            self._put(text)
            return
        for scope in self._open:
            if scope.kind != "blockquote":
                self._end(scope)
        start = self.length
        self._put(text)
        self._spans.append(Span("code", start, self.length))
        for scope in self._open:
            if scope.kind != "blockquote":
                scope.start = self.length

    def append(self, rich: Rich) -> None:
        if not rich.text:
            return
        self._settle()
        at = self.length
        self._put(rich.text)
        self._spans += [Span(s.kind, s.start + at, s.end + at, s.extra) for s in rich.spans]

    def heading_ends(self) -> None:
        self._headings.add(self.length)

    def flush_marker(self) -> None:
        """An empty list item still shows its marker."""
        if self._marker_waits:
            self._settle()

    def rich(self) -> Rich:
        spans = sorted(self._spans, key=lambda span: (span.start, -span.end))
        return Rich("".join(self._parts), tuple(spans), frozenset(self._headings))

    def _settle(self) -> None:
        if self._gap and self.length:
            self._put("\n" * min(self._gap, 2))
        self._gap = 0
        if not self._waiting:
            return
        for item in self._waiting:
            if isinstance(item, str):
                self._put(item)
            else:
                item.start = self.length
        self._waiting.clear()
        self._marker_waits = False

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)

    def _end(self, scope: _Open) -> None:
        if scope.kind and scope.start is not None and scope.start < self.length:
            self._spans.append(Span(scope.kind, scope.start, self.length, scope.extra))
